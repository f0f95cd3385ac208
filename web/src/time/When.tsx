import { ago, fullTime, shortTime } from './format';
import { useNow } from './clock';

/** A moment: relative within the past day, with the whole of it on hover and for readers. */
export function When({ at, zone, precise }: { at: string; zone?: string; precise?: boolean }) {
  const now = useNow();
  const near = precise ? null : ago(at, now);
  return (
    <time dateTime={at} title={fullTime(at, zone)} className="data whitespace-nowrap">
      {near ?? shortTime(at, zone)}
    </time>
  );
}
