/**
 * `npm run start:demo`: runs the real server against the fake upstream, with its own data directory. Any key that begins
 * with sk-ant- works, except sk-ant-invalid..., and no request leaves this machine.
 */
import { FakeAnthropic } from './fake-anthropic';

const EVENT_DELAY_MS = 40;

async function demo(): Promise<void> {
  const upstream = await FakeAnthropic.start({ eventDelayMs: EVENT_DELAY_MS });
  process.env.TRACEVAULT_ANTHROPIC_UPSTREAM = upstream.url;
  process.env.TRACEVAULT_DATA_DIR ??= 'data-demo'; // .env is not loaded: it may name a real database
  process.stdout.write(
    `Demo: answers come from a fake upstream at ${upstream.url}. Store any key that begins with sk-ant-; one that begins with sk-ant-invalid is refused.\n`,
  );
  await import('../../src/main.js');
}

demo().catch((error: unknown) => {
  process.stderr.write(`The demo can't start: ${String(error)}\n`);
  process.exitCode = 1;
});
