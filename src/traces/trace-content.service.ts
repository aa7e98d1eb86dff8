import { Injectable } from '@nestjs/common';
import { ContentDeletionService } from '../capture/content-deletion.service';
import { KeptContentService } from '../capture/kept-content.service';
import { BodyPart, TraceBodyEntity } from '../capture/trace-body.entity';
import { Whose } from '../metering/usage.service';
import { absent, orRefused } from './refused-content';
import { TracesService } from './traces.service';

/** A body that is kept, with its bytes: as they have passed, or with marks in the place of secrets. */
export interface KeptBytes {
  readonly body: TraceBodyEntity;
  readonly bytes: Buffer;
}

/** What is kept of the content of traces. */
@Injectable()
export class TraceContentService {
  constructor(
    private readonly traces: TracesService,
    private readonly kept: KeptContentService,
    private readonly deletion: ContentDeletionService,
  ) {}

  /**
   * Returns the bytes of a body as they are kept.
   * @throws ApiException (trace_not_found, call_not_found, content_not_kept, content_dropped, content_too_large,
   * content_deleted, content_damaged, content_unavailable)
   */
  async bytes(whose: Whose, traceId: string, callId: string, part: BodyPart): Promise<KeptBytes> {
    const { session, call } = await this.traces.call(whose, traceId, callId);
    const bodies = (await this.kept.bodiesOf(session, [call.id])).get(call.id);
    const body = bodies?.[part];
    if (body === undefined) throw absent(part, undefined);
    if (body.state !== 'kept') throw absent(part, body.state);
    const bytes = await orRefused(() => this.kept.read(body));
    if (bytes === undefined) throw absent(part, 'deleted');
    return { body, bytes };
  }

  /** Deletes the content of a trace for good. @returns whether there was any. @throws ApiException (trace_not_found) */
  async delete(whose: Whose, traceId: string): Promise<boolean> {
    return this.deletion.deleteOf(await this.traces.session(whose, traceId));
  }

  /** Deletes the content of a user's traces whose last call came in before a time. @returns their number. */
  deleteBefore(userId: string, before: Date): Promise<number> {
    return this.deletion.deleteBefore(userId, before);
  }
}
