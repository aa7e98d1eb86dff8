import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The errors of a stream whose client has left, before and after its first byte. */
const CLIENT_LEFT = ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE', 'ERR_STREAM_DESTROYED'];

/** Describes a response that is a CSV file. */
export const ApiCsvResponse = () =>
  applyDecorators(
    ApiOkResponse({
      description: 'A CSV file (RFC 4180, UTF-8) with a row of names first.',
      content: { 'text/csv': { schema: { type: 'string' } } },
    }),
  );

/**
 * Sends a file as fast as the client takes it, one page in memory at a time. An error of the first page has a status of its
 * own; a later one breaks the response off, so that nobody takes a part for the whole. No page is read for a client that has left.
 * @param type the media type; by default that of the name's ending.
 */
export async function sendFile<Page extends string | Buffer>(
  response: Response,
  name: string,
  pages: AsyncGenerator<Page>,
  type?: string,
): Promise<void> {
  const first = await pages.next(); // before the response begins
  response.attachment(name);
  if (type !== undefined) response.type(type);
  try {
    await pipeline(Readable.from(after(first, pages)), response);
  } catch (error) {
    const { code } = Object(error) as NodeJS.ErrnoException;
    if (!CLIENT_LEFT.includes(code ?? '')) throw error;
  }
}

async function* after<Page>(first: IteratorResult<Page>, pages: AsyncGenerator<Page>): AsyncGenerator<Page> {
  if (first.done !== true) yield first.value;
  yield* pages;
}
