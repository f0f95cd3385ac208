import * as t from '../messages/en';
import { money } from '../ui/Money';
import type { Change } from './documents';

/** A change as a person reads it; a new price that takes an old one's place is one. */
export type Line = {
  key: string;
  change: Change;
  /** The archiving that belongs to a repricing. */
  replaces?: Change;
  overwrites: number;
};

export function linesOf(changes: Change[]): Line[] {
  const replaced = new Set(changes.map((change) => change.replacesLiveId).filter(Boolean));
  const folded = (change: Change) =>
    change.action === 'ARCHIVE' && change.liveId !== null && replaced.has(change.liveId);
  return changes
    .filter((change) => !folded(change))
    .map((change) => ({
      key: keyOf(change),
      change,
      replaces: change.replacesLiveId
        ? changes.find((other) => folded(other) && other.liveId === change.replacesLiveId)
        : undefined,
      overwrites: change.fields.filter((field) => field.drifted).length,
    }));
}

/** What makes a line the same in another plan. */
const keyOf = (change: Change) =>
  JSON.stringify([
    change.action,
    change.resource,
    change.testId,
    change.liveId,
    change.fields.map((f) => [f.field, f.before, f.after]),
  ]);

/** Lines that an earlier plan did not have. */
export const newIn = (lines: Line[], before: Line[]) => {
  const known = new Set(before.map((line) => line.key));
  return new Set(lines.filter((line) => !known.has(line.key)).map((line) => line.key));
};

/** A field's value in words. */
export function valued(value: unknown): string {
  if (value === null || value === undefined || value === '') return t.review.nothingBefore;
  if (typeof value === 'boolean') return value ? t.review.on : t.review.off;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(valued).join(', ') || t.review.nothingBefore;
  const entries = Object.entries(value as Record<string, unknown>);
  return entries.map(([key, inner]) => `${key}: ${valued(inner)}`).join(', ') || t.review.nothingBefore;
}

/** Whether a line is told by its amounts, and how. */
export function amounts({ change }: Line): { before: string | null; after: string | null } | null {
  if (!change.amountBefore && !change.amountAfter) return null;
  return {
    before: change.amountBefore && money(change.amountBefore),
    after: change.amountAfter && money(change.amountAfter),
  };
}

/** "unit_amount" as words. */
export const fieldName = (field: string) => {
  const words = field.replaceAll('_', ' ').replaceAll('.', ' › ');
  return words === 'url' ? 'URL' : words.charAt(0).toUpperCase() + words.slice(1);
};
