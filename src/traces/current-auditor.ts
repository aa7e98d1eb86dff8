import { createParamDecorator, ExecutionContext } from '@nestjs/common';
import { Request } from 'express';
import { ClientInfo, clientInfoOf } from '../audit/client-info';
import { signedInUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { orgMembership } from '../orgs/org-role';

/** Somebody who reads what is kept of the traces of an organization. */
export interface Auditor {
  readonly user: SignedInUser;
  readonly orgId: string;
  readonly clientInfo: ClientInfo;
}

/** A parameter decorator for the auditor who asks, in a handler with `@OrgRole(AUDITORS)`. */
export const CurrentAuditor = createParamDecorator((_: unknown, context: ExecutionContext): Auditor => ({
  user: signedInUser(context),
  orgId: orgMembership(context).org.id,
  clientInfo: clientInfoOf(context.switchToHttp().getRequest<Request>()),
}));
