import { Injectable } from '@nestjs/common';
import { AuditDetails } from '../audit/audit-event.entity';
import { AuditService } from '../audit/audit.service';
import { BodyPart } from '../capture/trace-body.entity';
import { CallContentDto } from './call-content.dto';
import { CallContentService } from './call-content.service';
import { Auditor } from './current-auditor';
import { KeptBytes, TraceContentService } from './trace-content.service';
import { TracesService } from './traces.service';

/** A trace that an auditor wants to read, and why. */
export interface Look {
  readonly traceId: string;
  readonly reason: string;
}

/** Gives auditors what is kept of an organization's traces, and nothing before the audit trail has it that they looked. */
@Injectable()
export class AuditedContentService {
  constructor(
    private readonly traces: TracesService,
    private readonly calls: CallContentService,
    private readonly content: TraceContentService,
    private readonly audit: AuditService,
  ) {}

  /** @throws as CallContentService.of() */
  async call(auditor: Auditor, look: Look, callId: string): Promise<CallContentDto> {
    const content = await this.calls.of({ orgId: auditor.orgId }, look.traceId, callId);
    await this.record(auditor, look, { call: callId });
    return content;
  }

  /** @throws as TraceContentService.bytes() */
  async bytes(auditor: Auditor, look: Look, callId: string, part: BodyPart): Promise<KeptBytes> {
    const kept = await this.content.bytes({ orgId: auditor.orgId }, look.traceId, callId, part);
    await this.record(auditor, look, { call: callId, part });
    return kept;
  }

  /**
   * Records that an auditor reads a trace, in the trail of the organization and in that of the person whose trace it is.
   * @param what which part of the trace it is.
   * @throws ApiException (trace_not_found)
   */
  async record(
    { user, orgId, clientInfo }: Auditor,
    { traceId, reason }: Look,
    what: AuditDetails,
  ): Promise<void> {
    const { userId: subjectId } = await this.traces.session({ orgId }, traceId);
    const details = { trace: traceId, ...what, reason };
    await this.audit.record({
      action: 'trace_content_read',
      actor: user,
      subjectId,
      orgId,
      clientInfo,
      details,
    });
  }
}
