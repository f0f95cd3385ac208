import { ChevronsUpDown } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button } from 'react-aria-components/Button';
import { ComboBox } from 'react-aria-components/ComboBox';
import { Group } from 'react-aria-components/Group';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { useRead } from '../api/use';
import * as t from '../messages/en';
import { cityOf } from '../time/format';
import { fieldClass } from '../ui/Field.styles';
import { type ZoneInfo, Zones } from './documents';

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('_', ' ');

/** How well a zone answers what was typed: a city that begins with it comes first. */
function rank(zone: ZoneInfo, typed: string): number {
  const cities = [cityOf(zone.name), ...zone.cities].map(plain);
  if (cities.some((city) => city.startsWith(typed))) return 0;
  if (cities.some((city) => city.includes(typed)) || plain(zone.name).includes(typed)) return 1;
  return 2;
}

export function matching(zones: ZoneInfo[], typed: string): ZoneInfo[] {
  const wanted = plain(typed.trim());
  return zones
    .map((zone) => ({ zone, rank: wanted ? rank(zone, wanted) : 1 }))
    .filter((found) => found.rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, 40)
    .map((found) => found.zone);
}

/** A zone by any of its cities. */
export function ZoneField({
  value,
  onChange,
  label = t.schedule.zone,
}: {
  value: string;
  onChange: (zone: string) => void;
  label?: string;
}) {
  const { data } = useRead(Zones, {}, { policy: 'cache-first' });
  const [typed, setTyped] = useState<string | null>(null);
  const zones = useMemo(() => data?.timeZones ?? [{ name: value, cities: [], utcOffset: '' }], [data, value]);
  const items = useMemo(() => matching(zones, typed ?? '').map((zone) => ({ id: zone.name, zone })), [zones, typed]);
  return (
    <ComboBox
      items={items}
      inputValue={typed ?? named(value)}
      onInputChange={(text) => setTyped(text === named(value) ? null : text)}
      selectedKey={value}
      onSelectionChange={(key) => {
        setTyped(null);
        if (key) onChange(String(key));
      }}
      onOpenChange={(open) => !open && setTyped(null)}
      menuTrigger="focus"
      allowsEmptyCollection
      className="grid gap-1.5"
    >
      <Label className="text-sm font-medium">{label}</Label>
      <Group className="relative">
        <Input className={`${fieldClass} pr-9`} />
        <Button className="absolute inset-y-0 right-0 grid w-9 place-items-center text-ink-3">
          <ChevronsUpDown aria-hidden size={14} />
        </Button>
      </Group>
      <Popover className="fade w-(--trigger-width) overflow-auto rounded-panel bg-raised p-1.5 shadow-float">
        <ListBox
          className="max-h-64 overflow-auto outline-none"
          renderEmptyState={() => <p className="px-2.5 py-2 text-ink-2">{t.schedule.zoneNone}</p>}
        >
          {({ id, zone }: { id: string; zone: ZoneInfo }) => (
            <ListBoxItem
              id={id}
              textValue={named(id)}
              className="flex min-h-9 cursor-pointer items-center gap-2 rounded-control px-2.5 outline-none data-[focused]:bg-sunken"
            >
              <span className="min-w-0 grow truncate">
                {shownCity(zone, typed)}
                <span className="ml-2 text-xs text-ink-3">{zone.name}</span>
              </span>
              <span className="data text-xs text-ink-3">{zone.utcOffset}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

const named = (zone: string) => cityOf(zone);

/** The city that was typed, where the zone is called by another. */
function shownCity(zone: ZoneInfo, typed: string | null) {
  const wanted = plain(typed?.trim() ?? '');
  const own = cityOf(zone.name);
  if (!wanted || plain(own).startsWith(wanted)) return own;
  return zone.cities.find((city) => plain(city).startsWith(wanted)) ?? own;
}
