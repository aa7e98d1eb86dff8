import { setTimeout as sleep } from 'node:timers/promises';
import { ContentWriter } from '../../src/capture/content-writer';
import { Person, TestApp } from './app';

/** A trace, with the ids of its calls in the order in which they came in. */
export interface TestTrace {
  readonly id: string;
  readonly calls: string[];
}

interface Tree {
  readonly agents: { readonly calls: { readonly id: string; readonly at: string }[] }[];
}

/** Waits until what is kept of finished calls is written. */
export async function contentWritten(app: TestApp): Promise<void> {
  const writer = app.app.get(ContentWriter, { strict: false });
  do {
    await sleep(20);
    await writer.flush();
  } while (writer.waitingCount > 0);
}

/** Turns the keeping of a person's content on or off. */
export async function keepContent(app: TestApp, { token }: Person, content = true): Promise<void> {
  const response = await app.api('PUT', 'me/capture', { token, body: { content } });
  expect([response.status, await response.json()]).toMatchObject([200, { content }]);
}

/**
 * Returns the traces of a person, those with the latest calls first.
 * @param count the number of their calls, which are waited for.
 */
export async function tracesOf(app: TestApp, person: Person, count: number): Promise<TestTrace[]> {
  await app.calls(person, count);
  const { token } = person;
  const response = await app.api('GET', 'me/traces', { token });
  const { traces } = (await response.json()) as { traces: { id: string }[] };
  return Promise.all(
    traces.map(async ({ id }) => {
      const tree = (await (await app.api('GET', `me/traces/${id}`, { token })).json()) as Tree;
      const calls = tree.agents.flatMap((agent) => agent.calls);
      return { id, calls: calls.sort((one, other) => one.at.localeCompare(other.at)).map((call) => call.id) };
    }),
  );
}

/**
 * Reads what is kept of the requests of the only trace of somebody: each body, or the status and the code of its refusal.
 * @param count the number of its calls, which are waited for.
 */
export async function keptRequests(app: TestApp, person: Person, count: number): Promise<unknown[]> {
  const [trace] = await tracesOf(app, person, count);
  return Promise.all(
    trace!.calls.map(async (id) => {
      const path = `me/traces/${trace!.id}/calls/${id}/request`;
      const response = await app.api('GET', path, { token: person.token });
      if (response.ok) return response.text();
      const { errors } = (await response.json()) as { errors: [{ code: string }] };
      return [response.status, errors[0].code];
    }),
  );
}
