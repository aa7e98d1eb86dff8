import express, { RequestHandler } from 'express';

type SetHeaders = NonNullable<Parameters<typeof express.static>[1]>['setHeaders'];

/**
 * The name of a built file. For any other path no file is looked for: `send` resolves dot segments, which takes time by the
 * square of their number, and a head has room for twenty thousand of them.
 */
const FILE = /^\/(assets\/)?[\w-][\w.-]*$/;

/** Serves the files of a folder, each always as a whole, and never a listing; what is not there goes on. */
export function wholeFiles(root: string, setHeaders: SetHeaders): RequestHandler {
  const files = express.static(root, { index: false, redirect: false, ...(setHeaders && { setHeaders }) });
  return (request, response, next): void => {
    // Of no use for files this small, and `send` answers what it can't satisfy with an error of its own making.
    delete request.headers.range;
    delete request.headers['if-range'];
    delete request.headers['if-match'];
    delete request.headers['if-unmodified-since'];
    if (FILE.test(request.path)) files(request, response, next);
    else next();
  };
}

/** For names that hold a hash or a version of what is in them, and for all others. */
export function cacheControl(isForever: boolean): string {
  return isForever ? 'public, max-age=31536000, immutable' : 'no-cache';
}
