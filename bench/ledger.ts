/**
 * `npm run bench:ledger -- --database postgres://...`: fills the ledger of an empty PostgreSQL database, and measures what it is
 * asked and how fast it is written: the pages' questions through the API of a built server, rows through the server's own writer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { Client } from 'pg';
import { dropOldest, insertRate, Server, sizes } from './ledger-measures';
import { generate } from './ledger-rows';
import { questions } from './ledger-questions';
import { machineFacts } from './process-facts';
import { layOut, number } from './report';
import { median, percentile } from './statistics';
import { tracevault } from './targets';

interface Options {
  readonly database: string;
  readonly rows: number;
  readonly persons: number;
  readonly months: number;
  readonly times: number;
}

const program = new Command('npm run bench:ledger --')
  .description('Measures the ledger on PostgreSQL, with as many generated calls as it may have one day.')
  .requiredOption('--database <url>', 'of an empty PostgreSQL database')
  .option('--rows <n>', 'how many calls', Number, 10_000_000)
  .option('--persons <n>', 'in one organization', Number, 1_000)
  .option('--months <n>', 'over how many months, up to the last one', Number, 12)
  .option('--times <n>', 'how often each question is asked', Number, 20);

async function main({ database, rows, persons, months: count, times }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tracevault-ledger-'));
  const client = new Client({ connectionString: database });
  await client.connect();
  const version = await client.query<{ version: string }>('SELECT version()');
  console.log(`${machineFacts()}\n${version.rows[0]?.version ?? ''}\n`);
  const target = await tracevault(
    { upstream: 'http://127.0.0.1:9', folder },
    { name: 'TraceVault', databaseUrl: database },
  );
  try {
    const server = await serverOf(client, target.session);
    const months = lastMonths(count);
    const begun = performance.now();
    await generate(client, { ...server, persons, months, rowsAMonth: Math.ceil(rows / count) });
    console.log(`Generated in ${number((performance.now() - begun) / 1000, 0)} s\n`);
    console.log([...layOut(await sizes(client)), ''].join('\n'));
    console.log([...layOut(await asked(server, months, times)), ''].join('\n'));
    console.log(await insertRate(database, server, folder));
    console.log(await dropOldest(database, months));
  } finally {
    await target.child?.stop();
    await client.end();
  }
  rmSync(folder, { recursive: true });
}

/** Returns the server with its one user, and the organization that this one owns. */
async function serverOf(
  client: Client,
  session: { url: string; token: string } | undefined,
): Promise<Server> {
  const { rows } = await client.query<{ userId: string; orgId: string; orgName: string }>(
    `SELECT "user_id" AS "userId", "org_id" AS "orgId", "name" AS "orgName" FROM "user_org_memberships" JOIN "orgs" ON "orgs"."id" = "org_id"`,
  );
  const [first] = rows;
  if (first === undefined || session === undefined) throw new Error('The server has no user');
  return { ...first, ...session };
}

/** Returns the first days of the last months before the present one, the oldest first. */
function lastMonths(count: number): string[] {
  const now = new Date();
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count + index, 1)).toISOString().slice(0, 10),
  );
}

/** Asks each question some times, after three that are not counted. @returns a table. */
async function asked(server: Server, months: readonly string[], times: number): Promise<string[][]> {
  const table = [['', 'p50 ms', 'p95 ms', 'KB']];
  for (const { title, path } of await questions(server, months)) {
    const milliseconds: number[] = [];
    let size = 0;
    for (let time = -3; time < times; time++) {
      const begun = performance.now();
      const response = await fetch(`${server.url}/api/v1/${path}`, {
        headers: { authorization: `Bearer ${server.token}` },
      });
      size = (await response.arrayBuffer()).byteLength;
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      if (time >= 0) milliseconds.push(performance.now() - begun);
    }
    table.push([
      title,
      ...[median(milliseconds), percentile(milliseconds, 0.95), size / 1024].map((value) => number(value, 1)),
    ]);
  }
  return table;
}

main(program.parse().opts<Options>()).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
