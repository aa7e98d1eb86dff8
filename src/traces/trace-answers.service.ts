import { Injectable } from '@nestjs/common';
import { cursorBehind, readCursor } from '../api/cursor';
import { KeptContentService } from '../capture/kept-content.service';
import { Whose } from '../metering/usage.service';
import { OwnTitlesService } from './own-titles.service';
import { SearchWords } from './search-words';
import { TraceSearchService } from './trace-search.service';
import { OrgTracesQueryDto, TraceDto, TracesDto, TracesQueryDto, TraceTreeDto } from './traces.dto';
import { TracesService } from './traces.service';

const ID = /^[0-9a-f-]{36}$/;

/** Answers what agents did, for a person's own traces and for those of an organization. */
@Injectable()
export class TraceAnswersService {
  constructor(
    private readonly traces: TracesService,
    private readonly search: TraceSearchService,
    private readonly titles: OwnTitlesService,
    private readonly kept: KeptContentService,
  ) {}

  /** @throws ApiException (invalid_cursor) */
  async list(whose: Whose, query: TracesQueryDto | OrgTracesQueryDto): Promise<TracesDto> {
    const { client_kind: clientKind, model, session: sessionId, q, limit, cursor } = query;
    const personId = 'person' in query ? query.person : undefined;
    const filter = { clientKind, model, sessionId, personId };
    const part = { limit, after: readCursor(cursor, ID) };
    const { sessions, next } =
      q === undefined
        ? await this.traces.list(whose, filter, part)
        : await this.search.find(whose, filter, new SearchWords(q), part);
    const traces = await this.traces.withSubagents(sessions);
    const titles = await this.titles.of(
      whose,
      sessions.map(({ id }) => id),
    );
    return {
      traces: traces.map((trace) => TraceDto.of(trace, titles.get(trace.session.id) ?? null)),
      next_cursor: next === undefined ? null : cursorBehind({ at: new Date(next.at), id: next.id }),
      searched_to: q === undefined ? null : (next?.at ?? null),
    };
  }

  /**
   * @param canRead whether the reader may read what is kept of it; by default whether the trace is their own.
   * @throws ApiException (trace_not_found)
   */
  async tree(whose: Whose, id: string, canRead = whose.userId !== undefined): Promise<TraceTreeDto> {
    const tree = await this.traces.tree(whose, id);
    const title = (await this.titles.of(whose, [id])).get(id) ?? null;
    return TraceTreeDto.ofTree(tree, {
      title,
      hasContent: canRead && (await this.kept.has(tree.session)),
    });
  }
}
