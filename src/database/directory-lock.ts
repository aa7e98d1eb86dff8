import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { connect, createServer, Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../config/start-error';

/** Matches the name of a lock's socket; the first group is the process id. */
export const LOCK_FILE = /^lock-(\d+)-[0-9a-f]{8}$/;

/** The maximum length of a Unix socket's path in bytes, on macOS (`sockaddr_un.sun_path`); Linux allows 107. */
const MAX_SOCKET_PATH_LENGTH = 103;
const ANSWER_WITHIN_MS = 1_000;
const ATTEMPTS = 20;

interface Claim {
  readonly pid: number;
  readonly hostname: string;
  readonly since: string;
  readonly state: 'claiming' | 'held' | 'unknown';
}

/** The lock could not be acquired: another process holds it, which the message names, or the directory can't be locked. */
class DirectoryLockedError extends StartError {
  override readonly name = 'DirectoryLockedError';
}

/**
 * An exclusive lock on a directory, held by the kernel. Each process that wants the lock listens on its own Unix socket in the
 * directory, then looks for other sockets that respond. A socket stops responding when its process dies, even by kill -9, so
 * there are no stale locks and no reused process ids to confuse; this also works across containers on one host.
 * Since a process listens before it looks, it can't be overlooked, and two can never both hold the lock; two that claim it at
 * the same time both back off and retry.
 * Sockets don't work between hosts on a network file system: don't share the directory that way.
 */
export class DirectoryLock {
  private constructor(private readonly server: Server) {}

  /**
   * Acquires the lock. It retries, with a random delay, only while other processes are claiming it too.
   * @throws DirectoryLockedError when the lock is held, when other claims don't end, or when the directory can't be locked.
   */
  static async acquire(directory: string): Promise<DirectoryLock> {
    for (let attempt = 1; ; attempt++) {
      const name = `lock-${process.pid}-${randomBytes(4).toString('hex')}`;
      let state: Claim['state'] = 'claiming';
      const server = await listen(join(directory, name), () => ({
        pid: process.pid,
        hostname: hostname(),
        since: new Date(Date.now() - process.uptime() * 1000).toISOString(),
        state,
      }));
      const other = await findOther(directory, name);
      // Between our bind and our listen, another process may have taken our socket for a dead one and removed it.
      const visible = (await readdir(directory)).includes(name);
      if (other === undefined && visible) {
        state = 'held';
        return new DirectoryLock(server);
      }
      await close(server);
      if (other !== undefined && (other.state !== 'claiming' || attempt === ATTEMPTS)) {
        throw new DirectoryLockedError(
          `The data directory ${directory} is in use by process ${other.pid} on ${other.hostname}, started ${other.since}. ` +
            'Stop that process, or give this one a directory of its own with TRACEVAULT_DATA_DIR.',
        );
      }
      await sleep(10 + Math.random() * 40 * attempt);
    }
  }

  async release(): Promise<void> {
    await close(this.server);
  }
}

async function listen(path: string, claim: () => Claim): Promise<Server> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_LENGTH) {
    throw new DirectoryLockedError(
      `The data directory's path is too long for its lock (${Buffer.byteLength(path)} bytes with the lock's name, at most ` +
        `${MAX_SOCKET_PATH_LENGTH}). Set TRACEVAULT_DATA_DIR to a shorter path.`,
    );
  }
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(JSON.stringify(claim()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      reject(
        new DirectoryLockedError(
          `The data directory can't be locked (${code ?? 'unknown error'} for a Unix socket in it). Set TRACEVAULT_DATA_DIR to ` +
            'a directory on a local file system of this machine.',
        ),
      );
    });
    server.listen(path, resolve);
  });
  server.unref(); // so that a lock alone doesn't keep a process alive
  return server;
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

/** Returns the claim of the first other process that responds, and removes the sockets of dead ones. */
async function findOther(directory: string, own: string): Promise<Claim | undefined> {
  for (const name of await readdir(directory)) {
    const pid = LOCK_FILE.exec(name)?.[1];
    if (pid === undefined || name === own) continue;
    const claim = await ask(join(directory, name), Number(pid));
    if (claim !== undefined) return claim;
    await rm(join(directory, name), { force: true });
  }
  return undefined;
}

/**
 * Requests the claim of the process behind a socket.
 * @returns undefined when no process listens there. One that is too busy to respond in time still holds its lock.
 */
function ask(path: string, pid: number): Promise<Claim | undefined> {
  return new Promise((resolve) => {
    const silent: Claim = { pid, hostname: 'this host', since: 'at an unknown time', state: 'unknown' };
    let answer = '';
    const socket = connect(path);
    socket.setTimeout(ANSWER_WITHIN_MS, () => {
      socket.destroy();
      resolve(silent);
    });
    socket.setEncoding('utf8');
    socket.on('data', (text) => (answer += String(text)));
    socket.on('end', () => {
      resolve(parseClaim(answer) ?? silent);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const nobody = error.code === 'ECONNREFUSED' || error.code === 'ENOENT';
      resolve(nobody ? undefined : silent);
    });
  });
}

function parseClaim(text: string): Claim | undefined {
  try {
    return JSON.parse(text) as Claim;
  } catch {
    return undefined;
  }
}
