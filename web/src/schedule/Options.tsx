import * as t from '../messages/en';
import { Field } from '../ui/Field';
import { Notice } from '../ui/Notice';

export type Extras = { ifChanged: 'HOLD' | 'DEPLOY_LATEST'; remind: number[]; recipients: string; reason: string };

const reminders = [15, 30, 60, 1440];

/** What happens if the product changes, who is told, and why it is done. */
export function Options({
  value,
  onChange,
  mail,
}: {
  value: Extras;
  onChange: (value: Extras) => void;
  mail: boolean;
}) {
  const toggle = (minutes: number) =>
    onChange({
      ...value,
      remind: value.remind.includes(minutes) ? value.remind.filter((m) => m !== minutes) : [...value.remind, minutes],
    });
  return (
    <>
      <fieldset className="grid gap-2">
        <legend className="mb-2 font-medium">{t.schedule.ifChanged}</legend>
        <div className="grid gap-2 sm:grid-cols-2">
          {(['HOLD', 'DEPLOY_LATEST'] as const).map((choice) => (
            <label
              key={choice}
              className="flex cursor-pointer items-start gap-3 rounded-panel border border-edge px-4 py-3 has-checked:border-link has-checked:bg-info-tint"
            >
              <input
                type="radio"
                name="ifChanged"
                checked={value.ifChanged === choice}
                onChange={() => onChange({ ...value, ifChanged: choice })}
                className="mt-0.5 accent-(--link)"
              />
              <span>
                <span className="block font-medium">{choice === 'HOLD' ? t.schedule.hold : t.schedule.latest}</span>
                <span className="block text-xs text-ink-2">
                  {choice === 'HOLD' ? t.schedule.holdText : t.schedule.latestText}
                </span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {mail ? (
        <>
          <fieldset>
            <legend className="mb-2 font-medium">{t.schedule.reminders}</legend>
            <div className="flex flex-wrap gap-1.5">
              {reminders.map((minutes) => (
                <label
                  key={minutes}
                  className="flex min-h-9 cursor-pointer items-center gap-2 rounded-full border border-hairline px-3 text-table has-checked:border-link has-checked:bg-info-tint"
                >
                  <input
                    type="checkbox"
                    checked={value.remind.includes(minutes)}
                    onChange={() => toggle(minutes)}
                    className="accent-(--link)"
                  />
                  {t.schedule.reminder(minutes)}
                </label>
              ))}
            </div>
          </fieldset>
          <Field
            label={t.schedule.recipients}
            hint={t.schedule.recipientsHint}
            value={value.recipients}
            onChange={(recipients) => onChange({ ...value, recipients })}
          />
        </>
      ) : (
        <Notice tone="caution">{t.schedule.mailOff}</Notice>
      )}
      <Field
        label={t.review.reason}
        hint={t.review.reasonHint}
        value={value.reason}
        onChange={(reason) => onChange({ ...value, reason })}
      />
    </>
  );
}
