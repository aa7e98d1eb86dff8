import { ApiOkResponse } from '@nestjs/swagger';
import { Response } from 'express';
import { sendFile } from '../api/file-response';
import { Whose } from '../metering/usage.service';
import { orRefused } from './refused-content';
import { ExportFormat, TraceExportService } from './trace-export.service';

const FILE = { schema: { type: 'string', format: 'binary' } };

/** Describes a response that is a trace as a file. */
export const ApiTraceFile = () =>
  ApiOkResponse({
    description: 'The file, in the format that was asked for.',
    content: {
      'application/x-ndjson': FILE,
      'application/json': { schema: { type: 'object' } },
      'application/x-tar': FILE,
    },
  });

/** Sends a trace as a file. Resolves when it is sent, or the client has left. */
export async function sendTrace(
  response: Response,
  exports: TraceExportService,
  { whose, id, format }: { readonly whose: Whose; readonly id: string; readonly format: ExportFormat },
): Promise<void> {
  const name = `trace-${id}`;
  const send = <Page extends string | Buffer>(file: string, pages: AsyncGenerator<Page>, type: string) =>
    orRefused(() => sendFile(response, file, pages, type));
  switch (format) {
    case 'jsonl':
      return send(`${name}.jsonl`, exports.jsonl(whose, id), 'application/x-ndjson');
    case 'raw':
      return send(`${name}.tar`, exports.raw(whose, id), 'application/x-tar');
    case 'otlp': {
      const spans = await exports.otlp(whose, id);
      response.attachment(`${name}.json`).json(spans);
    }
  }
}
