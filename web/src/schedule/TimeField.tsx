import { parseDateTime } from '@internationalized/date';
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react';
import { Button } from 'react-aria-components/Button';
import { Calendar, CalendarCell, CalendarGrid } from 'react-aria-components/Calendar';
import { DateInput, DateSegment } from 'react-aria-components/DateField';
import { DatePicker } from 'react-aria-components/DatePicker';
import { Dialog } from 'react-aria-components/Dialog';
import { Group } from 'react-aria-components/Group';
import { Heading } from 'react-aria-components/Heading';
import { Label } from 'react-aria-components/Label';
import { Popover } from 'react-aria-components/Popover';
import * as t from '../messages/en';
import { fullTime } from '../time/format';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';
import type { Time } from './useTime';
import { ZoneField } from './ZoneField';

const presets = ['hour', 'evening', 'tomorrow', 'monday'] as const;

/** One line of words, or segments and a zone; below, what the server makes of it. */
export function TimeField({ time }: { time: Time }) {
  const error = time.problem?.message ?? (time.twofold ? null : time.reading?.problem?.message);
  return (
    <div className="grid gap-4">
      <div className="grid gap-2">
        <Field
          label={t.schedule.when}
          value={time.text}
          onChange={time.say}
          hint={t.schedule.whenHint}
          error={time.text ? error : null}
          focus
        />
        <div className="flex flex-wrap gap-1.5">
          {presets.map((preset) => (
            <button
              key={preset}
              type="button"
              onClick={() => time.say(t.schedule.presetTexts[preset])}
              className="min-h-9 cursor-pointer rounded-full border border-hairline px-3 text-table font-medium text-ink-2 hover:border-edge hover:text-ink sm:min-h-8"
            >
              {t.schedule.presets[preset]}
            </button>
          ))}
        </div>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <Segments time={time} />
        <ZoneField value={time.zone} onChange={time.setZone} />
      </div>
      {!time.text && error && (
        <Notice tone="critical" urgent>
          {error}
        </Notice>
      )}
      {time.twofold && <Twofold time={time} />}
      <Echo time={time} />
    </div>
  );
}

function Segments({ time }: { time: Time }) {
  const value = time.reading?.localTime ? parseDateTime(time.reading.localTime) : null;
  return (
    <DatePicker
      granularity="minute"
      hourCycle={24}
      shouldForceLeadingZeros
      value={value}
      onChange={(next) => next && time.setLocal(next.toString().slice(0, 19))}
      className="grid gap-1.5"
    >
      <Label className="text-sm font-medium">{t.schedule.exactly}</Label>
      <Group className="data flex min-h-11 items-center rounded-control border border-edge bg-surface pl-3 focus-within:outline-2 focus-within:outline-focus sm:min-h-9">
        <DateInput className="flex grow">
          {(segment) => (
            <DateSegment
              segment={segment}
              className="rounded px-0.5 outline-none data-[focused]:bg-info data-[focused]:text-surface data-[placeholder]:text-ink-3"
            />
          )}
        </DateInput>
        <Button aria-label={t.upcoming.calendar} className="grid size-9 cursor-pointer place-items-center text-ink-3">
          <CalendarDays aria-hidden size={16} />
        </Button>
      </Group>
      <Popover className="fade rounded-panel bg-raised p-3 shadow-float">
        <Dialog className="outline-none" aria-label={t.upcoming.calendar}>
          <Calendar>
            <header className="mb-2 flex items-center justify-between">
              <Button
                slot="previous"
                className="grid size-9 cursor-pointer place-items-center rounded-control hover:bg-sunken"
              >
                <ChevronLeft aria-hidden size={16} />
              </Button>
              <Heading className="font-semibold" />
              <Button
                slot="next"
                className="grid size-9 cursor-pointer place-items-center rounded-control hover:bg-sunken"
              >
                <ChevronRight aria-hidden size={16} />
              </Button>
            </header>
            <CalendarGrid className="data">
              {(date) => (
                <CalendarCell
                  date={date}
                  className="grid size-9 cursor-pointer place-items-center rounded-control hover:bg-sunken data-[outside-month]:text-ink-3 data-[selected]:bg-ink data-[selected]:text-canvas"
                />
              )}
            </CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}

/** A time that a clock change skips or repeats: two choices, and none is made for anybody. */
function Twofold({ time }: { time: Time }) {
  const gap = time.reading?.resolution === 'GAP_SHIFTED' || time.reading?.problem?.code === 'TIME_NONEXISTENT';
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 font-medium">{gap ? t.schedule.gap : t.schedule.overlap}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {time.reading?.candidates.map((candidate) => {
          const which = candidate.disambiguation === 'EARLIER' ? 'EARLIER' : 'LATER';
          const offset = `UTC${candidate.utcOffset.replace('-', '−')}`;
          return (
            <label
              key={candidate.instant}
              className="flex cursor-pointer items-start gap-3 rounded-panel border border-edge px-4 py-3 has-checked:border-link has-checked:bg-info-tint"
            >
              <input
                type="radio"
                name="disambiguation"
                checked={time.choice === which}
                onChange={() => time.setChoice(which)}
                className="mt-0.5 accent-(--link)"
              />
              <span className="data">
                <span className="block font-medium">
                  {which === 'EARLIER' ? t.schedule.earlier(offset) : t.schedule.later(offset)}
                </span>
                <span className="block text-xs text-ink-2">{fullTime(candidate.instant, time.zone)}</span>
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}

/** The server's reading, in the zone and in UTC, for the viewer, and how long it is until then. */
function Echo({ time }: { time: Time }) {
  const { meant } = time;
  return (
    <div role="status" className="data grid min-h-[5.75rem] content-center gap-0.5 rounded-panel bg-sunken px-4 py-3">
      {time.ready && meant ? (
        <>
          <p className="font-semibold">{meant.words}</p>
          {meant.viewerWords && <p className="text-ink-2">{t.schedule.forYou(meant.viewerWords)}</p>}
          {meant.relative && <p className="text-ink-2 first-letter:uppercase">{meant.relative}</p>}
        </>
      ) : (
        <p className="text-ink-2">{time.twofold ? t.schedule.chooseOne : t.schedule.pickFirst}</p>
      )}
    </div>
  );
}
