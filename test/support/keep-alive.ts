import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** The value of the `tr` column in /proc/net/tcp for a running keep-alive timer. */
const KEEPALIVE_TIMER = '02';

/**
 * Waits until the kernel's keep-alive timer runs for a local end of a TCP connection (Linux only). While bytes are in flight,
 * another timer runs for a while.
 * @param localPort the port of the end to check.
 * @returns whether the timer was running within two seconds.
 */
export async function keepsAlive(localPort: number, remotePort: number): Promise<boolean> {
  for (let waited = 0; waited < 2_000; waited += 20) {
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')));
    const rows = tables.flatMap((table) => table.split('\n').map((row) => row.trim().split(/\s+/)));
    const row = rows.find(
      ([, local, remote]) => portOf(local) === localPort && portOf(remote) === remotePort,
    );
    if (row?.[5]?.startsWith(`${KEEPALIVE_TIMER}:`)) return true;
    await sleep(20);
  }
  return false;
}

function portOf(address = ''): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}
