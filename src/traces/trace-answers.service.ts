import { Injectable } from '@nestjs/common';
import { cursorBehind, readCursor } from '../api/cursor';
import { KeptContentService } from '../capture/kept-content.service';
import { Whose } from '../metering/usage.service';
import { OrgTracesQueryDto, TraceDto, TracesDto, TracesQueryDto, TraceTreeDto } from './traces.dto';
import { TracesService } from './traces.service';

const ID = /^[0-9a-f-]{36}$/;

/** Answers what agents did, for a person's own traces and for those of an organization. */
@Injectable()
export class TraceAnswersService {
  constructor(
    private readonly traces: TracesService,
    private readonly kept: KeptContentService,
  ) {}

  /** @throws ApiException (invalid_cursor) */
  async list(whose: Whose, query: TracesQueryDto | OrgTracesQueryDto): Promise<TracesDto> {
    const { client_kind: clientKind, model, session: sessionId, limit, cursor } = query;
    const personId = 'person' in query ? query.person : undefined;
    const found = await this.traces.list(
      whose,
      { clientKind, model, sessionId, personId },
      { limit: limit + 1, after: readCursor(cursor, ID) },
    );
    const page = found.slice(0, limit);
    const titles = await this.titles(
      whose,
      page.map(({ session }) => session.id),
    );
    const last = page.at(-1)?.session;
    return {
      traces: page.map((trace) => TraceDto.of(trace, titles.get(trace.session.id) ?? null)),
      next_cursor:
        found.length > limit && last !== undefined ? cursorBehind({ at: last.lastAt, id: last.id }) : null,
    };
  }

  /**
   * @param canRead whether the reader may read what is kept of it; by default whether the trace is their own.
   * @throws ApiException (trace_not_found)
   */
  async tree(whose: Whose, id: string, canRead = whose.userId !== undefined): Promise<TraceTreeDto> {
    const tree = await this.traces.tree(whose, id);
    const title = (await this.titles(whose, [id])).get(id) ?? null;
    return TraceTreeDto.ofTree(tree, {
      title,
      hasContent: canRead && (await this.kept.has(tree.session)),
    });
  }

  /** Returns the titles of somebody's own traces: what others said is no part of an organization's lists. */
  private async titles({ userId }: Whose, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return userId === undefined || ids.length === 0 ? new Map() : this.kept.titles(ids);
  }
}
