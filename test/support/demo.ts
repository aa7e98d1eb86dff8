/**
 * `npm run start:demo`: runs the real server against the fake upstream, with its own data directory. Any key in the form of
 * its provider's works, except one whose form goes on with `invalid`, and no request leaves this machine.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeAnthropic } from './fake-anthropic';

const EVENT_DELAY_MS = 40;

async function demo(): Promise<void> {
  const upstream = await FakeAnthropic.start({ eventDelayMs: EVENT_DELAY_MS });
  process.env.TRACEVAULT_ANTHROPIC_UPSTREAM = upstream.url;
  process.env.TRACEVAULT_PROVIDERS = providersFile(upstream.url); // not the operator's: it may name real hosts
  process.env.TRACEVAULT_DATA_DIR ??= 'data-demo'; // .env is not loaded: it may name a real database
  process.stdout.write(
    `Demo: answers come from a fake upstream at ${upstream.url}. Store any key that begins with sk-ant-, sk-, AIza or sk-or-; one that goes on with "invalid" is refused.\n`,
  );
  await import('../../src/main.js');
}

/** Writes the file of TRACEVAULT_PROVIDERS that sends every built-in provider's requests to the fake. */
function providersFile(url: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracevault-demo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'providers.json');
  const rows = [
    { id: 'openai', base_url: url },
    { id: 'gemini', base_url: url },
    { id: 'openrouter', base_url: `${url}/api` },
  ];
  writeFileSync(path, JSON.stringify(rows));
  return path;
}

demo().catch((error: unknown) => {
  process.stderr.write(`The demo can't start: ${String(error)}\n`);
  process.exitCode = 1;
});
