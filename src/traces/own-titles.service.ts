import { Injectable } from '@nestjs/common';
import { KeptContentService } from '../capture/kept-content.service';
import { Whose } from '../metering/usage.service';

/** Reads the titles of somebody's own traces: what others said is no part of an organization's lists. */
@Injectable()
export class OwnTitlesService {
  constructor(private readonly kept: KeptContentService) {}

  /** @param ids the ids of traces. One that has no title is left out, and so is each of somebody else. */
  async of({ userId }: Whose, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return userId === undefined || ids.length === 0 ? new Map() : this.kept.titles(ids);
  }
}
