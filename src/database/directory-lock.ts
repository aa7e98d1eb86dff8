import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { connect, createServer, Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../config/start-error';

export const LOCK_FILE = /^lock-(\d+)-[0-9a-f]{8}$/;

/** sockaddr_un.sun_path on macOS; Linux has 108. */
const MAX_SOCKET_PATH_LENGTH = 103;
const ANSWER_WITHIN_MS = 1_000;
const ATTEMPTS = 20;

interface Claim {
  readonly pid: number;
  readonly hostname: string;
  readonly since: string;
  readonly state: 'claiming' | 'held' | 'unknown';
}

/** Another process has the directory. The message names it. */
class DirectoryLockedError extends StartError {
  override readonly name = 'DirectoryLockedError';
}

/**
 * An exclusive lock on a directory, held by the kernel: each process that wants it listens on a Unix socket of its own
 * in there, then looks for others that answer. A socket stops answering when its process dies, also by kill -9, so there
 * is nothing to clean up and no process id to mistake for another's; it works across containers on one host as well.
 * Whoever listens before it looks can't be overlooked, so two can never both hold the lock; two that claim at the same
 * moment both step back and try again.
 * A network file system doesn't carry sockets from host to host: don't share the directory that way.
 */
export class DirectoryLock {
  private constructor(private readonly server: Server) {}

  /** @throws DirectoryLockedError at once when the lock is held, or when the claims of others don't end. */
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
      // Between our bind and our listen another one may have taken our socket for a dead one's and swept it away.
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

/** The first other process that answers; sockets of dead ones are swept away. */
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

/** Undefined when nobody listens there. A process that is too busy to say who it is holds its lock all the same. */
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
