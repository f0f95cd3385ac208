import { useEffect, useState } from 'react';
import { useRead } from '../api/use';
import { shortTime } from '../time/format';
import { ReadTime, type Reading } from './documents';

/** What is asked for: words, or what the segments say. */
type Asked = { text: string } | { localTime: string } | null;

/** A time as somebody gives it, and as the server reads it: it alone knows the zone's rules. */
export function useTime(myZone: string, first: { zone: string; localTime?: string | null }) {
  const [zone, setZone] = useState(first.zone);
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<Asked>(first.localTime ? { localTime: first.localTime } : null);
  const [choice, setChoice] = useState<'EARLIER' | 'LATER' | null>(null);

  // Words are read once they have stood still for a moment.
  useEffect(() => {
    if (text.trim() === '') return;
    const timer = setTimeout(() => {
      setAsked({ text: text.trim() });
      setChoice(null);
    }, 250);
    return () => clearTimeout(timer);
  }, [text]);

  const question = {
    text: asked && 'text' in asked ? asked.text : null,
    localTime: asked && 'localTime' in asked ? asked.localTime : null,
    timeZone: zone,
    viewerZone: myZone,
  };
  const read = useRead(ReadTime, { ...question, disambiguation: 'REJECT' }, { pause: !asked });
  // The choice between two times is read, too: what it means is for the server to say.
  const settled = useRead(ReadTime, { ...question, disambiguation: choice }, { pause: !asked || !choice });
  const reading = asked ? (read.data?.readTime ?? null) : null;
  const meant = choice ? (settled.data?.readTime ?? null) : reading;
  return {
    zone: reading?.timeZone ?? zone,
    text,
    reading,
    meant,
    problem: read.problem,
    choice,
    setChoice,
    /** What is shown is not yet what was said last. */
    settling: (text.trim() !== '' && !(asked && 'text' in asked && asked.text === text.trim())) || read.loading,
    /** Words, as typed or as a preset has them. */
    say: (words: string) => setText(words),
    setLocal: (localTime: string) => {
      setText('');
      setAsked({ localTime });
      setChoice(null);
    },
    setZone: (name: string) => {
      // Words may name a zone of their own; what they came to is kept, and moved.
      if (reading?.localTime) setAsked({ localTime: reading.localTime });
      setText('');
      setZone(name);
      setChoice(null);
    },
    ...chosen(reading, meant, choice),
  };
}

/** What would be sent; ready once it means one instant. */
function chosen(reading: Reading | null, meant: Reading | null, choice: 'EARLIER' | 'LATER' | null) {
  const ready = Boolean(meant?.localTime && meant.words && !meant.problem);
  return {
    twofold: Boolean(reading && reading.candidates.length > 1),
    ready,
    // A wall clock's reading, without a zone to move it.
    short: ready && meant?.localTime ? shortTime(`${meant.localTime}Z`, 'UTC') : undefined,
    disambiguation: choice ?? ('REJECT' as const),
  };
}

export type Time = ReturnType<typeof useTime>;
