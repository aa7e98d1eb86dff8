import { NextFunction, Request, Response } from 'express';
import { isIP } from 'node:net';
import { Config } from '../config/config';
import { hostNameOf } from '../config/host-name';
import { ApiException } from './api.exception';

const MISDIRECTED = 421;

/** A request target in absolute form, which contains its host (RFC 9112 3.2.2). */
const ABSOLUTE_FORM = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)/i;

/** The health endpoints, which load balancers probe under any name and which expose no user data. */
const HEALTH = /^\/health(\/|$)/;

/**
 * Returns whether a `Host` header names this server: one of its own names, `localhost` or a subdomain of it, or any IP
 * address. In a DNS rebinding attack the header holds the attacker's name, and never an address.
 * @param own names in the form of hostNameOf(); `*.example.com` matches all subdomains of `example.com`.
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
 * Express middleware that refuses requests under another name, for the pages and the API. The proxy needs no such check,
 * because no browser attaches a token to its requests by itself (docs/decisions/0021-host-header.md).
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
