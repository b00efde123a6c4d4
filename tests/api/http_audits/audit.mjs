// The audits of graphql-http against a running server; prints one JSON object an audit.
import { serverAudits } from "graphql-http";

const [url, key] = process.argv.slice(2);
const withKey = (address, init = {}) =>
  fetch(address, { ...init, headers: { ...init.headers, authorization: `Bearer ${key}` } });

for (const audit of serverAudits({ url, fetchFn: withKey })) {
  const { status, reason } = await audit.fn();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status, reason }));
}
