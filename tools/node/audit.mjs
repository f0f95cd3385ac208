// Holds a server to GraphQL over HTTP: node audit.mjs URL TOKEN. It prints a line of JSON
// per audit: id, name, status (ok, warn, notice or error) and the reason.
import { auditServer } from 'graphql-http';

const [url, token] = process.argv.slice(2);
const fetchFn = (to, init = {}) => fetch(to, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
for (const { id, name, status, reason } of await auditServer({ url, fetchFn })) {
  console.log(JSON.stringify({ id, name, status, reason }));
}
