import {
  applyDecorators,
  CanActivate,
  createParamDecorator,
  ExecutionContext,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Request } from 'express';
import { signedInUser } from '../auth/authenticated';
import { Role } from './membership.entity';
import { Membership, OrgsService } from './orgs.service';

const RequiredRoles = Reflector.createDecorator<readonly Role[]>();

/** The membership that the guard has found for each request. */
const memberships = new WeakMap<Request, Membership>();

/**
 * Stands behind the API's guard and before anything looks at the body: whoever is not in the organization of the path learns
 * nothing of it, and whoever has another role learns that alone.
 */
@Injectable()
class OrgRoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly orgs: OrgsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request<{ org: string }>>();
    const roles = this.reflector.get(RequiredRoles, context.getHandler());
    const { userId } = signedInUser(context);
    memberships.set(request, await this.orgs.membershipFor(userId, request.params.org, roles));
    return true;
  }
}

/** For handlers below `:org`: lets in the organization's members with one of these roles. */
export const OrgRole = (roles: readonly Role[]): MethodDecorator =>
  applyDecorators(RequiredRoles(roles), UseGuards(OrgRoleGuard));

/** The caller's membership, as `@OrgRole()` has found it. What must still hold at the change is asked again there. */
export const OrgMembership = createParamDecorator((_: unknown, context: ExecutionContext): Membership => {
  const membership = memberships.get(context.switchToHttp().getRequest<Request>());
  if (membership === undefined) throw new Error('@OrgMembership() stands on a handler without @OrgRole()');
  return membership;
});
