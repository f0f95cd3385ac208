import * as t from '../messages/en';

export type Tone = 'positive' | 'caution' | 'critical' | 'info' | 'neutral';
/** Six shapes, distinct without colour. */
export type Shape = 'disc' | 'ring' | 'arc' | 'triangle' | 'square' | 'diamond';
export type Status = { word: string; tone: Tone; shape: Shape };

export type Row = {
  kind: string;
  status: string;
  waitReason?: string | null;
  turningBack?: boolean;
  cancelRequestedAt?: string | null;
  liveOutcome?: string | null;
};

const of = (word: string, tone: Tone, shape: Shape): Status => ({ word, tone, shape });

/**
 * The word for a deployment's row. It is total: what the server will answer some day and
 * this page does not know yet has a word, too.
 */
export function statusOf(row: Row, paused = false): Status {
  const words = t.status;
  switch (row.status) {
    case 'PENDING':
    case 'SCHEDULED':
      return waiting(row, paused);
    case 'VALIDATING':
    case 'DEPLOYING':
      return running(row, paused);
    case 'COMPLETED':
      return row.kind === 'ROLLBACK' ? of(words.rolledBack, 'neutral', 'ring') : of(words.live, 'positive', 'disc');
    case 'ROLLED_BACK':
      return of(words.rolledBack, 'neutral', 'ring');
    case 'FAILED':
      return ended(row, words.failed, 'critical');
    case 'CANCELLED':
      return ended(row, words.cancelled, 'neutral');
    default:
      return of(words.unknown, 'neutral', 'ring');
  }
}

function waiting(row: Row, paused: boolean): Status {
  const words = t.status;
  switch (row.waitReason) {
    case 'MISSED':
      return of(words.missed, 'critical', 'diamond');
    case 'CHANGED_SINCE_SCHEDULED':
      return of(words.onHold, 'caution', 'diamond');
    case 'DUE_TIME':
      return of(words.scheduled, 'info', 'ring');
    case 'PRODUCT_BUSY':
    case 'ACCOUNT_BUSY':
      return of(words.queued, 'neutral', 'ring');
    case 'STRIPE_RATE_LIMIT':
    case 'STRIPE_UNAVAILABLE':
      return of(words.waitsForStripe, 'caution', 'arc');
    default:
      if (row.waitReason === 'PAUSED' || paused) return of(words.paused, 'caution', 'square');
      return row.status === 'SCHEDULED' && !row.waitReason
        ? of(words.scheduled, 'info', 'ring')
        : of(words.starting, 'info', 'arc');
  }
}

function running(row: Row, paused: boolean): Status {
  const words = t.status;
  if (row.waitReason === 'PAUSED' || (paused && row.waitReason)) return of(words.paused, 'caution', 'square');
  if (row.waitReason === 'STRIPE_RATE_LIMIT' || row.waitReason === 'STRIPE_UNAVAILABLE')
    return of(words.waitsForStripe, 'caution', 'arc');
  if (row.turningBack) return of(words.undoing, 'caution', 'arc');
  if (row.cancelRequestedAt) return of(words.stopping, 'caution', 'arc');
  if (row.status === 'VALIDATING') return of(words.checking, 'info', 'arc');
  return of(row.kind === 'ROLLBACK' ? words.rollingBack : words.goingLive, 'info', 'arc');
}

function ended(row: Row, by: { unchanged: string; restored: string; partial: string }, tone: Tone): Status {
  switch (row.liveOutcome) {
    case 'PARTIAL':
      return of(by.partial, 'critical', 'triangle');
    case 'RESTORED':
      return of(by.restored, tone, 'square');
    default:
      return of(by.unchanged, tone, 'square');
  }
}

/** The word for a product's state in live. */
export function liveStatusOf(product: { liveStatus: string; goneAt?: string | null }): Status {
  const words = t.liveStatus;
  if (product.goneAt) return of(words.gone, 'neutral', 'square');
  switch (product.liveStatus) {
    case 'LIVE':
      return of(words.LIVE, 'positive', 'disc');
    case 'CHANGED':
      return of(words.CHANGED, 'info', 'diamond');
    case 'DRIFTED':
      return of(words.DRIFTED, 'caution', 'triangle');
    case 'NOT_LIVE':
      return of(words.NOT_LIVE, 'neutral', 'ring');
    default:
      return of(words.unknown, 'neutral', 'ring');
  }
}

/** Whether a deployment may still change by itself. */
export const isRunning = (row: Pick<Row, 'status'>) => ['PENDING', 'VALIDATING', 'DEPLOYING'].includes(row.status);
export const isOver = (row: Pick<Row, 'status'>) =>
  ['COMPLETED', 'FAILED', 'ROLLED_BACK', 'CANCELLED'].includes(row.status);
export const isHeld = (row: Row) =>
  row.status === 'SCHEDULED' && (row.waitReason === 'MISSED' || row.waitReason === 'CHANGED_SINCE_SCHEDULED');
