import { NextFunction, Request, Response } from 'express';
import { isIP } from 'node:net';
import { Config } from '../config/config';
import { hostNameOf } from '../config/host-name';
import { ApiException } from './api.exception';

const MISDIRECTED = 421;

/** RFC 9112 3.2.2: a target that names its host itself. */
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)/i;

/** Probes come by any name, and nothing below it can be asked for anything. */
const HEALTH = /^\/health(\/|$)/;

/**
 * Whether a `Host` names this server: one of its own names, `localhost` and what is below it, or any address. A page of
 * another site whose name is led to this server (DNS rebinding) has that name in its requests; an address it can't have.
 * @param own names in the form of hostNameOf(); `*.example.com` stands for all below `example.com`.
 */
export function isOwnHost(host: string, own: readonly string[]): boolean {
  const name = hostNameOf(host);
  if (name === undefined) return false;
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return true;
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    own.some((one) => (one.startsWith('*.') ? name.endsWith(one.slice(1)) : name === one))
  );
}

/**
 * Express middleware that refuses requests for another name, in front of pages and API. The proxy's requests do not come
 * here: no browser attaches a token to them by itself (docs/decisions/0021-host-header.md).
 */
export function ownHostAlone({ publicUrl, ownHosts }: Config['http']) {
  const message =
    `This server does not go by the name in the request's Host header. Open ${publicUrl}, or have whoever runs it add ` +
    'the name to TRACEVAULT_ALLOWED_HOSTS.';
  return ({ path, url, headers }: Request, response: Response, next: NextFunction): void => {
    const named = [headers.host ?? '', ABSOLUTE_FORM.exec(url)?.[1]].filter((host) => host !== undefined);
    if (HEALTH.test(path) || named.every((host) => isOwnHost(host, ownHosts))) next();
    else if (/^\/api(\/|$)/.test(path)) next(new ApiException('unknown_host', message, { field: 'host' }));
    else response.status(MISDIRECTED).type('text').send(`${message}\n`);
  };
}
