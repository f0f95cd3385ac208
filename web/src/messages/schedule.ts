import { count } from './plural';

export const schedule = {
  title: (name: string) => `Schedule ${name}`,
  moveTitle: (name: string) => `Move the go-live of ${name}`,
  when: 'When',
  whenHint: 'For example “tomorrow 9:00 Berlin” or “friday 18:30”.',
  exactly: 'Date and time',
  zone: 'Time zone',
  zoneHint: 'Type a city, such as New York.',
  zoneNone: 'No zone has that name or city.',
  presets: { hour: 'In an hour', tomorrow: 'Tomorrow 9:00', monday: 'Monday 9:00', evening: 'Tonight 20:00' },
  presetTexts: { hour: 'in 1 hour', tomorrow: 'tomorrow 9:00', monday: 'monday 9:00', evening: 'today 20:00' },
  pickFirst: 'Say when, and you see here what that means.',
  forYou: (words: string) => `For you: ${words}`,
  overlap: 'The clocks go back: this time happens twice. Which one?',
  gap: 'The clocks go forward: this time is skipped. Which one?',
  earlier: (offset: string) => `Earlier (${offset})`,
  later: (offset: string) => `Later (${offset})`,
  ifChanged: 'If the product changes in test before then',
  hold: 'Hold it and ask',
  holdText: 'It waits until someone has looked. Nothing goes live that nobody has seen.',
  latest: 'Go live as it is then',
  latestText: 'Whatever is in test at that time goes live, if the checks pass.',
  reminders: 'Remind by email',
  reminder: (minutes: number) =>
    minutes % 1440 === 0
      ? `${count(minutes / 1440, 'day')} before`
      : minutes % 60 === 0
        ? `${count(minutes / 60, 'hour')} before`
        : `${count(minutes, 'minute')} before`,
  recipients: 'Who is told',
  recipientsHint: 'Email addresses, separated by commas. Empty: only you.',
  mailOff: 'This installation sends no email. Nobody will be reminded.',
  others: (n: number) => `${count(n, 'other go-live')} of this product ${n === 1 ? 'is' : 'are'} scheduled:`,
  submit: (words: string | undefined) => (words ? `Schedule for ${words}` : 'Schedule'),
  move: (words: string | undefined) => (words ? `Move to ${words}` : 'Move'),
  done: 'Scheduled',
  moved: 'Moved',
  checks: 'The checks found something',
  conflict: (by: string, what: string) => `${by} has changed this in the meantime: ${what}.`,
  conflictUnknown: 'Someone has changed this in the meantime.',
  useTheirs: 'Keep theirs',
  moveAnyway: 'Move anyway',
  chooseOne: 'Choose one of the two times.',
};
