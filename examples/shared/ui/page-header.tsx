import type { ComponentChildren } from 'preact';
import { ConnectionBadge, type ConnectionProps } from './connection-badge.tsx';
import { houseName } from './page-settings.ts';

interface PageHeaderProps extends ConnectionProps {
  tenant: string;
  title: string;
  /** Beside the connection. */
  children?: ComponentChildren;
}

export function PageHeader({ tenant, title, monitor, waiting, children }: PageHeaderProps) {
  return (
    <header class="page-header">
      <div class="title">
        <p class="house">{houseName(tenant)}</p>
        <h1>{title}</h1>
      </div>
      {children}
      <ConnectionBadge monitor={monitor} waiting={waiting} />
    </header>
  );
}
