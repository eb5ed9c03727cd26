import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import { useNow } from '../shared/use-now.ts';
import { ago, roleName } from '../shared/words.ts';
import { GrantForm } from './grant-form.tsx';
import type { Property } from './property.ts';

/** Devices that wait, and the one whose code was typed or scanned. */
export function Approval({ property, scanned }: { property: Property; scanned: string }) {
  const typed = useSignal(scanned);
  useEffect(() => {
    if (scanned) property.find(scanned);
  }, [property, scanned]);
  const found = property.found.value;
  return (
    <section class="card part" aria-labelledby="let-in-title">
      <h2 id="let-in-title">Let a device in</h2>
      {found ? (
        <GrantForm key={found.userCode} property={property} found={found} />
      ) : (
        <form
          class="code-form"
          onSubmit={(event) => {
            event.preventDefault();
            property.find(typed.value).then((isFound) => {
              if (isFound) typed.value = '';
            });
          }}
        >
          <label class="field">
            <span>The code on the device’s screen</span>
            <input
              class="input code-input"
              required
              maxLength={12}
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              placeholder="WDJB-MJHT"
              value={typed.value}
              onInput={({ currentTarget }) => {
                typed.value = currentTarget.value;
              }}
            />
          </label>
          <button type="submit" class="button primary">
            Find
          </button>
        </form>
      )}
      <Waiting property={property} />
    </section>
  );
}

function Waiting({ property }: { property: Property }) {
  const nowMs = useNow();
  const shown = property.found.value?.device.peerId;
  const pending = property.pending.value.filter(({ peerId }) => peerId !== shown);
  if (shown && pending.length === 0) return null;
  if (pending.length === 0) return <p class="muted">No device is waiting.</p>;
  return (
    <ul class="rows" aria-label="Devices that wait">
      {pending.map((device) => (
        <li key={device.peerId} class="row" data-testid="pending">
          <Icon name="device" />
          <span class="row-words">
            <strong>{device.asked.name}</strong>
            <span class="muted">
              {roleName(device.asked.type)} · {ago(device.askedAtMs, nowMs)} · from {device.address}
            </span>
          </span>
          <button type="button" class="button" onClick={() => property.turnDown(device)}>
            Turn down
          </button>
        </li>
      ))}
    </ul>
  );
}
