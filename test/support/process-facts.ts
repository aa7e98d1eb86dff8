import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const LINUX = process.platform === 'linux';

/** Returns the resident set size of a process in bytes; from /proc on Linux, because slim images have no `ps`. */
export function residentSet(pid: number): number {
  if (!LINUX) return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024;
  return statusOf(pid, 'VmRSS');
}

/** Returns the peak resident set size of a process since its start, in bytes (Linux only). */
export function peakResidentSet(pid: number): number {
  return statusOf(pid, 'VmHWM');
}

function statusOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}

/** Returns the arguments of every process, as `ps` would show them. */
export function allArguments(): string {
  if (!LINUX) return execFileSync('ps', ['-eo', 'args']).toString();
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map((pid) => readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')).join('\n');
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has exited meanwhile
  }
}
