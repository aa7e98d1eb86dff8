import express, { RequestHandler } from 'express';
import { readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { chooseEncoding, ENCODINGS } from './encodings';

type SetHeaders = NonNullable<Parameters<typeof express.static>[1]>['setHeaders'];

/**
 * Matches the path of a built file. Other paths are not passed to `send`: it resolves dot segments in time quadratic in their
 * number, and a request head has room for 20,000 of them.
 */
const FILE = /^\/(assets\/)?[\w-][\w.-]*$/;

/**
 * Serves the files of a folder, without ranges or directory listings, and passes requests for other paths on. Where the build
 * left a compressed file beside the original, a client that takes it gets that one.
 */
export function wholeFiles(root: string, setHeaders: SetHeaders): RequestHandler {
  const files = express.static(root, { index: false, redirect: false, ...(setHeaders && { setHeaders }) });
  const compressed = compressedIn(root);
  return (request, response, next): void => {
    // Ranges are useless for files this small, and `send` responds to unsatisfiable conditions with an error page of its own.
    delete request.headers.range;
    delete request.headers['if-range'];
    delete request.headers['if-match'];
    delete request.headers['if-unmodified-since'];
    const { path } = request;
    if (!FILE.test(path)) {
      next();
      return;
    }
    if (!compressed.has(path)) {
      files(request, response, next);
      return;
    }
    const encoding = chooseEncoding(request, response);
    const [, end = ''] = ENCODINGS.find(([name]) => name === encoding) ?? [];
    response.type(extname(path)); // that of the original; `send` keeps it
    request.url = path + end;
    files(request, response, next);
  };
}

/** Returns the paths of the files that lie there compressed in each encoding, too. */
function compressedIn(root: string): ReadonlySet<string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const paths = new Set(names.map((name) => `/${name.replaceAll('\\', '/')}`));
  return new Set([...paths].filter((path) => ENCODINGS.every(([, end]) => paths.has(path + end))));
}

/**
 * Returns the value of Cache-Control for a file.
 * @param isForever whether the name contains a hash or version, so that the content behind it never changes.
 */
export function cacheControl(isForever: boolean): string {
  return isForever ? 'public, max-age=31536000, immutable' : 'no-cache';
}
