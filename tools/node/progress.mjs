// Watches a deployment to its end: node progress.mjs URL TOKEN DEPLOYMENT. It prints each
// event as a line of JSON. Where the socket breaks off it subscribes again to what follows
// the last event: graphql-ws' own retries would send the first variables again.
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, id] = process.argv.slice(2);
const query = `subscription ($id: ID!, $after: Int!) {
  deploymentProgress(deploymentId: $id, after: $after) { sequence at status percentage message terminal }
}`;
let after = 0;

// watch tells whether the server completed the subscription.
function watch() {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  return new Promise((resolve, reject) => {
    client.subscribe({ query, variables: { id, after } }, {
      next({ data, errors }) {
        if (errors) return reject(new Error(JSON.stringify(errors)));
        after = data.deploymentProgress.sequence;
        console.log(JSON.stringify(data.deploymentProgress));
      },
      error(why) {
        // 44xx is for good: the client has done something wrong.
        if (why.code >= 4400 && why.code < 4500) return reject(new Error(`closed with ${why.code}`));
        if (Array.isArray(why)) return reject(new Error(JSON.stringify(why)));
        console.error(`broke off: ${why.code ?? why.message ?? why}`);
        resolve(false);
      },
      complete: () => resolve(true),
    });
  }).finally(() => client.dispose());
}

while (!(await watch())) await setTimeout(100);
