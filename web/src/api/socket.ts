// Subscriptions that outlive their sockets. A client that merely sends its first variables
// again after a cut would miss or repeat events; this one goes on from the last it has seen.
import type { Client } from 'graphql-ws';
import { address } from './base';
import { setLink } from './link';

type Variables = Record<string, unknown>;
type Data = Record<string, unknown>;
export type Operation = { query: string; variables?: Variables };
export type Sink = {
  next(result: { data?: Data; errors?: readonly Error[] }): void;
  error(cause: unknown): void;
  complete(): void;
};

/** From a few seconds earlier, for clocks that differ. */
const fromNow = (variables: Variables): Variables => ({
  ...variables,
  since: new Date(Date.now() - 5000).toISOString(),
});

/** How each subscription goes on: its variables after an answer. */
const resume: Record<string, (variables: Variables, data: Data) => Variables> = {
  deploymentProgress: (variables, data) => ({
    ...variables,
    after: (data.deploymentProgress as { sequence: number }).sequence,
  }),
  deploymentsChanged: fromNow,
  ordersChanged: fromNow,
};

/**
 * Where nothing has come yet that says how to go on: from before the page was read, which may have taken a
 * while to get here. What it knows already is told again, and changes nothing.
 */
const fromBefore = (variables: Variables): Variables =>
  variables.since === null ? { ...variables, since: new Date(Date.now() - 30_000).toISOString() } : variables;

/** Closed by the server for good: what was asked for is wrong. */
const useless = new Set([4400, 4406, 4409]);
/** Nobody is signed in any more. */
const ended = new Set([4401, 4403]);
const silence = 25_000;

let client: Promise<Client> | undefined;
let heard = 0;

function connect(): Promise<Client> {
  client ??= import('graphql-ws').then(({ createClient }) =>
    createClient({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${address('/graphql')}`,
      lazy: true,
      lazyCloseTimeout: 3000,
      retryAttempts: 0,
      on: {
        message: () => {
          heard = Date.now();
        },
        connected: () => setLink('open'),
      },
    }),
  );
  // What could not be fetched is tried again, and not remembered as lost.
  client.catch(() => {
    client = undefined;
  });
  return client;
}

/** Subscribes until the server says that it is complete, whatever happens in between. */
export function subscribe(operation: Operation, sink: Sink): () => void {
  let variables = fromBefore(operation.variables ?? {});
  let stop: (() => void) | undefined;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let over = false;
  const buffer = buffered<Parameters<Sink['next']>[0]>((result) => sink.next(result));

  const again = (soon: boolean) => {
    if (over) return;
    const wait = soon ? 0 : Math.min(5000, 200 * 2 ** attempt++) * (0.5 + Math.random() / 2);
    clearTimeout(waiting);
    waiting = setTimeout(begin, wait);
  };
  const begin = () => {
    if (over) return;
    void connect().then((socket) => {
      if (over) return;
      stop = socket.subscribe<Data>(
        { query: operation.query, variables },
        {
          next: (result) => {
            attempt = 0;
            for (const [name, next] of Object.entries(resume)) {
              if (result.data?.[name]) variables = next(variables, result.data);
            }
            buffer.push(result as Parameters<Sink['next']>[0]);
          },
          error: (cause) => failed(cause),
          complete: () => {
            if (over) return;
            over = true;
            buffer.flush();
            sink.complete();
          },
        },
      );
    }, failed);
  };
  const failed = (cause: unknown) => {
    if (over) return;
    const code = (cause as { code?: number }).code;
    if (Array.isArray(cause) || (code !== undefined && useless.has(code))) {
      over = true;
      sink.error(cause);
    } else if (code !== undefined && ended.has(code)) {
      setLink('ended');
      again(false);
    } else {
      setLink('lost');
      again(false);
    }
  };
  const wake = () => {
    if (document.visibilityState === 'hidden' || Date.now() - heard < silence) return;
    void connect().then((socket) => socket.terminate());
    again(true);
  };
  window.addEventListener('online', wake);
  window.addEventListener('pageshow', wake);
  document.addEventListener('visibilitychange', wake);
  begin();
  return () => {
    over = true;
    clearTimeout(waiting);
    buffer.drop();
    stop?.();
    window.removeEventListener('online', wake);
    window.removeEventListener('pageshow', wake);
    document.removeEventListener('visibilitychange', wake);
  };
}

/** Hands results on once a frame: 50 events a second must not be 50 renders. */
function buffered<T>(hand: (result: T) => void) {
  let held: T[] = [];
  let planned = false;
  const flush = () => {
    planned = false;
    const now = held;
    held = [];
    for (const result of now) hand(result);
  };
  return {
    push(result: T) {
      held.push(result);
      if (planned) return;
      planned = true;
      // Frames stand still where nobody looks.
      if (document.visibilityState === 'hidden') setTimeout(flush, 250);
      else requestAnimationFrame(flush);
    },
    flush,
    drop: () => {
      held = [];
    },
  };
}
