import express, { RequestHandler } from 'express';

type SetHeaders = NonNullable<Parameters<typeof express.static>[1]>['setHeaders'];

/**
 * Matches the path of a built file. Other paths are not passed to `send`: it resolves dot segments in time quadratic in their
 * number, and a request head has room for 20,000 of them.
 */
const FILE = /^\/(assets\/)?[\w-][\w.-]*$/;

/** Serves the files of a folder, without ranges or directory listings, and passes requests for other paths on. */
export function wholeFiles(root: string, setHeaders: SetHeaders): RequestHandler {
  const files = express.static(root, { index: false, redirect: false, ...(setHeaders && { setHeaders }) });
  return (request, response, next): void => {
    // Ranges are useless for files this small, and `send` responds to unsatisfiable conditions with an error page of its own.
    delete request.headers.range;
    delete request.headers['if-range'];
    delete request.headers['if-match'];
    delete request.headers['if-unmodified-since'];
    if (FILE.test(request.path)) files(request, response, next);
    else next();
  };
}

/**
 * Returns the value of Cache-Control for a file.
 * @param isForever whether the name contains a hash or version, so that the content behind it never changes.
 */
export function cacheControl(isForever: boolean): string {
  return isForever ? 'public, max-age=31536000, immutable' : 'no-cache';
}
