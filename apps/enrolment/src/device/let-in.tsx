import type { ComponentChildren } from 'preact';
import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import { wordsOf } from '../shared/words.ts';
import { IntroductionForm } from './introduction-form.tsx';
import type { DeviceStanding, Standing } from './standing.ts';
import { WaitingPanel } from './waiting-panel.tsx';

interface LetInProps {
  device: DeviceStanding;
  /** What there is to see for a device that is let in. */
  children(standing: Standing & { step: 'in' }): ComponentChildren;
}

/** The way in, and behind it the page. */
export function LetIn({ device, children }: LetInProps) {
  const standing = device.standing.value;
  switch (standing.step) {
    case 'introduction':
      return <IntroductionForm device={device} problem={standing.problem} />;
    case 'asking':
      return (
        <p class="empty" role="status">
          Asking the hotel’s server …
        </p>
      );
    case 'waiting':
      return <WaitingPanel device={device} code={standing.code} />;
    case 'denied':
      return (
        <Ending
          title="A manager has turned this device down"
          words="If that was a mistake, tell them, and ask again."
          device={device}
        />
      );
    case 'failed':
      return <Ending title="This did not work" words={wordsOf(standing.error)} device={device} />;
    case 'in':
      return <>{children(standing)}</>;
  }
}

function Ending({ title, words, device }: { title: string; words: string; device: DeviceStanding }) {
  return (
    <section class="card sheet" role="alert">
      <Icon name="alert" />
      <h2>{title}</h2>
      <p class="muted">{words}</p>
      <button type="button" class="button primary wide" onClick={() => device.ask()}>
        Ask again
      </button>
      <button type="button" class="button quiet wide" onClick={() => device.introduce()}>
        Change what this device says
      </button>
    </section>
  );
}
