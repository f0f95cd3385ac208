import type { CombinedError } from '@urql/core';
import * as t from '../messages/en';

export type UserError = { code: string; message: string; field?: string[] | null };

/** What went wrong with an operation, in words, and what is known of it. */
export type Problem = { code: string; message: string; retryAfter?: number; requestId?: string };

/** Reads urql's error: the server's own words where it has some for people. */
export function problemOf(error: CombinedError): Problem {
  const first = error.graphQLErrors[0];
  const { code, retryAfter, requestId } = (first?.extensions ?? {}) as {
    code?: string;
    retryAfter?: number;
    requestId?: string;
  };
  if (code) return { code, message: worded(code, first?.message ?? '', retryAfter), retryAfter, requestId };
  const status = (error.response as Response | undefined)?.status;
  if (status === 401) return { code: 'UNAUTHENTICATED', message: t.error.sessionEnded };
  if (status === 429) return { code: 'RATE_LIMITED', message: t.error.tooMany(undefined) };
  if (error.networkError) return { code: 'NETWORK', message: t.error.network };
  return { code: 'INTERNAL', message: t.error.internal };
}

function worded(code: string, message: string, retryAfter?: number) {
  switch (code) {
    case 'UNAUTHENTICATED':
      return t.error.sessionEnded;
    case 'FORBIDDEN':
      return t.error.forbidden;
    case 'RATE_LIMITED':
      return t.error.tooMany(retryAfter);
    case 'UNAVAILABLE':
      return t.error.unavailable;
    case 'INTERNAL':
    case 'BAD_REQUEST':
      return t.error.internal;
    default:
      return message;
  }
}
