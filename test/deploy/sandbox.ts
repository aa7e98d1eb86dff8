import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { TestProcess } from '../support/process';

/** Debian's `nobody`: an engine's build and a container must not need more than a plain user may do. */
export const PLAIN_USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
/** The machine's node and npm stand for those of the base image. */
const NODE_HOME = join(dirname(process.execPath), '..');
const PATH = '/opt/node/bin:/usr/bin:/bin';

export interface Sandbox {
  /** What lies at the root, beside the machine's own /usr and /etc (read-only). */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine that a step may read, by where they appear. */
  readonly shared?: Readonly<Record<string, string>>;
}

/** A folder of its own for the plain user; `remove` it. */
export function plainFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tv-deploy-'));
  giveAway(path);
  return path;
}

/** Files that this process has put there are the plain user's from now on. */
export function giveAway(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { status } = spawnSync('chown', ['-R', `${PLAIN_USER.uid}:${PLAIN_USER.gid}`, path]);
  if (status !== 0) throw new Error(`chown ${path} failed`);
}

/** A working tree in root's own home is closed to everybody else. */
export function plainUserReads(path: string): boolean {
  return spawnSync('test', ['-r', path], PLAIN_USER).status === 0;
}

export function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Says what to install where something is missing, instead of failing somewhere in the middle. */
export function demand(command: string, args: string[], needed: string): void {
  const { status, stderr } = spawnSync(command, args, { env: { PATH: `${process.env.PATH}:/usr/sbin` } });
  if (status !== 0) throw new Error(`${needed} ${String(stderr ?? '')}`);
}

export function demandBubblewrap(): void {
  const needed =
    'These tests need bubblewrap and user namespaces: apt-get install bubblewrap, on a kernel that allows them.';
  demand('bwrap', ['--ro-bind', '/', '/', '--unshare-user', '--unshare-pid', 'true'], needed);
}

/** A step of a build: writes below the root, and reaches the package registry. */
export function runStep({ root, workdir, env, shared = {} }: Sandbox, command: string): string {
  const writable = readdirSync(root).flatMap((name) => ['--bind', join(root, name), `/${name}`]);
  for (const [target, source] of Object.entries(shared))
    writable.push('--ro-bind', source, target, '--tmpfs', join(target, '.vite-temp'));
  const args = [...machine(env), ...writable, '--share-net', '--chdir', workdir, '/bin/sh', '-ec', command];
  const { status, stdout, stderr } = spawnSync('bwrap', args, { ...PLAIN_USER, encoding: 'utf8' });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** A container as deploy/ asks for it: read-only root, /tmp in memory, no capabilities, user 1000, a network of its own. */
export class Container extends TestProcess {
  private pid = 0;

  static async start(
    { root, workdir, env }: Sandbox,
    volumes: Readonly<Record<string, string>>,
    command: string[],
  ): Promise<Container> {
    const mounts = readdirSync(root).flatMap((name) => ['--ro-bind', join(root, name), `/${name}`]);
    for (const [target, source] of Object.entries(volumes)) mounts.push('--bind', source, target);
    const args = [
      ...machine(env),
      ...mounts,
      ...['--remount-ro', '/', '--as-pid-1', '--uid', '1000', '--gid', '1000'],
      ...['--info-fd', '3', '--chdir', workdir, ...command],
    ];
    const child = spawn('bwrap', args, { ...PLAIN_USER, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const container = new Container(child);
    container.pid = await childPid(child.stdio[3] as Readable);
    return container;
  }

  /** To process 1, as `docker stop` sends it. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** As `docker exec` does: another process in the same namespaces. */
  exec(
    { workdir, env }: Sandbox,
    command: string[],
  ): { status: number | null; stdout: string; stderr: string } {
    const enter = ['--target', String(this.pid), '--user', '--mount', '--pid', '--net', '--ipc', '--uts'];
    const args = [...enter, '--preserve-credentials', `--wdns=${workdir}`, '--', ...command];
    return spawnSync('nsenter', args, { ...PLAIN_USER, env: { PATH, ...env }, encoding: 'utf8' });
  }
}

/** What bubblewrap says of the process it has started. In pieces, all of which must be read, or it ends with a SIGPIPE. */
function childPid(info: Readable): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    info.on('data', (chunk) => {
      text += String(chunk);
      const pid = /"child-pid": (\d+)[,\s]/.exec(text)?.[1];
      if (pid !== undefined) resolve(Number(pid));
    });
    info.once('end', () => reject(new Error(`bubblewrap started nothing: ${text}`)));
  });
}

function machine(env: Readonly<Record<string, string>>): string[] {
  const variables = Object.entries({ PATH, HOME: '/tmp', ...env });
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...['--ro-bind', '/usr', '/usr', '--ro-bind', NODE_HOME, '/opt/node', '--ro-bind', '/etc', '/etc'],
    ...['--symlink', 'usr/bin', '/bin', '--symlink', 'usr/lib', '/lib', '--symlink', 'usr/lib64', '/lib64'],
    ...['--proc', '/proc', '--tmpfs', '/tmp'],
    // One by one: `--dev` needs a user namespace within another, and exec() could not enter the outer one.
    ...['null', 'zero', 'urandom'].flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    ...variables.flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}
