import { hopsTo } from './check-hops';
import { CliError } from './cli-error';
import { Io } from './io';
import { printLimits, warnOfLimits } from './limit-lines';
import { knownLimits } from './my-limits';
import { readCredentials, readLiveCredentials } from './credentials-file';
import { outboundProxyField, outboundProxyFor, outboundProxyWarning } from './outbound-proxy';
import { currentShell } from './shells';
import { paint, print, printJson, say } from './terminal';

interface Report {
  readonly hop: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly message: string;
  readonly hint?: string;
}

interface CheckOptions {
  readonly json?: boolean;
  /** The id of the only provider to check; undefined for all that calls have a key for. */
  readonly provider?: string;
}

/**
 * Checks each hop from this machine to the vendors. A broken hop ends the check, unless it leads to one vendor of several.
 * @throws CliError that names the broken hops.
 */
export async function proxyCheck(io: Io, { json = false, provider }: CheckOptions): Promise<void> {
  const { proxy_token: own } = await readCredentials(io);
  const credentials = await (own === undefined ? readLiveCredentials(io) : readCredentials(io));
  const reports: Report[] = [];
  for await (const { name, go, othersFollow } of hopsTo(credentials, provider)) {
    const report = await timed(name, go);
    reports.push(report);
    if (!json) print(io, lineOf(io, report));
    if (!report.ok && othersFollow !== true) break;
  }
  const broken = reports.filter(({ ok }) => !ok);
  const isAnswered = reports.some(({ hop, ok }) => hop === 'session' && ok);
  const limits = (isAnswered ? await knownLimits(credentials) : undefined) ?? [];
  const outbound = outboundProxyFor(credentials.server_url, io.env);
  if (json) {
    const outbound_proxy = outbound === undefined ? null : outboundProxyField(outbound, currentShell(io));
    printJson(io, {
      ok: broken.length === 0,
      broken_hop: broken[0]?.hop ?? null,
      outbound_proxy,
      limits,
      hops: reports,
    });
  } else if (broken.length === 0) {
    print(
      io,
      outbound === undefined ? '\nEverything works.' : '\nEverything works without a proxy in between.',
    );
  }
  if (json) warnOfLimits(io, limits);
  else printLimits(io, limits);
  if (outbound !== undefined) say(io, outboundProxyWarning(outbound, currentShell(io)));
  if (broken.length > 0) throw errorOf(broken);
}

/** Several are broken only where each leads to another vendor: what to do is said of each of them. */
function errorOf(broken: readonly Report[]): CliError {
  const [first, second] = broken;
  if (first !== undefined && second === undefined)
    return new CliError(`The first broken hop is: ${first.hop}. ${first.message}`, first.hint);
  return new CliError(
    `${broken.length} hops are broken: ${broken.map(({ hop }) => hop).join(', ')}.`,
    broken.flatMap(({ hop, hint }) => (hint === undefined ? [] : [`${hop}: ${hint}`])).join('\n'),
  );
}

async function timed(hop: string, go: () => Promise<string>): Promise<Report> {
  const began = performance.now();
  const ms = (): number => Math.round(performance.now() - began);
  try {
    const message = await go();
    return { hop, ok: true, ms: ms(), message };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return {
      hop,
      ok: false,
      ms: ms(),
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
}

function lineOf(io: Io, { hop, ok, ms, message }: Report): string {
  const mark = ok ? paint(io, 'green', 'ok  ') : paint(io, 'red', 'FAIL');
  return `${mark}  ${hop.padEnd(19)} ${paint(io, 'dim', `${ms} ms`.padStart(8))}  ${message}`;
}
