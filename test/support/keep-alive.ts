import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** In `tr` of /proc/net/tcp: the keep-alive timer runs. */
const KEEPALIVE_TIMER = '02';

/**
 * Waits until the kernel runs the keep-alive timer (Linux) of this machine's end of a TCP connection.
 * @param localPort of the end that is asked about.
 * @returns false when it does not within two seconds; with bytes on their way another timer runs for a while.
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
