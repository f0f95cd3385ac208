import * as t from '../messages/orders';
import * as p from '../messages/payments';
import type { Shape, Status, Tone } from '../status/status';

type Look = [Tone, Shape];
const of =
  (words: Record<string, string>, looks: Record<string, Look>) =>
  (status: string): Status => {
    const [tone, shape] = looks[status] ?? ['neutral', 'ring'];
    return { word: words[status] ?? status.toLowerCase().replaceAll('_', ' '), tone, shape };
  };

/** The word for where an order stands; total, so that a value of tomorrow has one, too. */
export const orderStatusOf = of(t.orderStatus, {
  CREATED: ['neutral', 'ring'],
  AWAITING_PAYMENT: ['info', 'ring'],
  PROCESSING: ['info', 'arc'],
  AUTHORIZED: ['caution', 'diamond'],
  PAID: ['positive', 'disc'],
  FULFILLED: ['positive', 'disc'],
  COMPLETED: ['positive', 'disc'],
  EXPIRED: ['neutral', 'square'],
  CANCELLED: ['neutral', 'square'],
});

export const paymentStatusOf = of(t.paymentStatus, {
  SENT: ['info', 'arc'],
  UNKNOWN: ['caution', 'diamond'],
  OPEN: ['info', 'ring'],
  PROCESSING: ['info', 'arc'],
  AUTHORIZED: ['caution', 'diamond'],
  CAPTURED: ['positive', 'disc'],
  FAILED: ['critical', 'triangle'],
  EXPIRED: ['neutral', 'square'],
  CANCELLED: ['neutral', 'square'],
});

export const refundStatusOf = of(t.refundStatus, {
  SENT: ['info', 'arc'],
  UNKNOWN: ['caution', 'diamond'],
  PENDING: ['info', 'arc'],
  REQUIRES_ACTION: ['caution', 'diamond'],
  SUCCEEDED: ['positive', 'disc'],
  FAILED: ['critical', 'triangle'],
  CANCELLED: ['neutral', 'square'],
});

export const disputeStatusOf = of(t.disputeStatus, {
  WARNING_NEEDS_RESPONSE: ['caution', 'diamond'],
  NEEDS_RESPONSE: ['critical', 'diamond'],
  WON: ['positive', 'disc'],
  LOST: ['critical', 'square'],
  WARNING_CLOSED: ['neutral', 'square'],
});

export const eventStatusOf = of(p.events.statuses, {
  RECEIVED: ['info', 'arc'],
  APPLIED: ['positive', 'disc'],
  QUARANTINED: ['caution', 'diamond'],
  DEAD: ['critical', 'triangle'],
});

/** Whether a dispute still can be answered. */
export const needsAnswer = (status: string) => status.endsWith('NEEDS_RESPONSE');

/** Why somebody should look at an order, the most urgent first, in a few words. */
export const attentionOf = (kind: string): { word: string; text: string } => {
  const [word, text] = t.attention[kind] ?? [kind.toLowerCase().replaceAll('_', ' '), ''];
  return { word, text };
};
