import type { ComponentChildren } from 'preact';
import { houseName } from '../../../../examples/shared/ui/page-settings.ts';

interface FrameProps {
  tenant: string;
  title: string;
  /** The page uses the whole width. */
  wide?: boolean;
  children: ComponentChildren;
}

export function Frame({ tenant, title, wide = false, children }: FrameProps) {
  return (
    <>
      <header class="page-header">
        <div class="title">
          <p class="house">{houseName(tenant) || 'Innmesh'}</p>
          <h1>{title}</h1>
        </div>
      </header>
      <main class="enrolment" data-wide={wide}>
        {children}
      </main>
    </>
  );
}
