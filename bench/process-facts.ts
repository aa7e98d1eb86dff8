import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

/** The length of a clock tick in /proc: Linux reports hundredths of a second on every architecture (USER_HZ). */
const MICROSECONDS_PER_TICK = 10_000;

/** Returns the CPU time of a process and its threads in microseconds; NaN where there is no /proc. */
export function cpuMicroseconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the program's name may contain spaces and parentheses
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

/** Returns the resident set size of a process in bytes; NaN where there is no /proc. */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1]) * 1024;
}

/** Describes the machine that the results depend on, in one line. */
export function machineFacts(): string {
  const [first] = cpus();
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GB`;
  const load = loadavg()[0]?.toFixed(2);
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'} (${arch()}), ${memory}, ${type()} ${release()}, Node ${process.version}, load before ${load}`;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
