import type { Approval, PendingDevice } from '@innmesh/webrtc/enrolment';
import { useSignal } from '@preact/signals';
import { capabilityName, capabilityNames, roleNames } from '../shared/words.ts';
import type { Property } from './property.ts';

interface GrantFormProps {
  property: Property;
  found: { device: PendingDevice; userCode: string };
}

/** What the device is to be. It begins with what it said of itself, but never as a manager's. */
export function GrantForm({ property, found: { device, userCode } }: GrantFormProps) {
  const { asked } = device;
  const name = useSignal(asked.name);
  const role = useSignal(asked.type === 'guest' ? 'staff' : asked.type);
  const chosen = useSignal(new Set(asked.capabilities.filter((capability) => capability !== 'manage-devices')));
  const offered = [...new Set([...Object.keys(capabilityNames), ...asked.capabilities])];
  const toggle = (capability: string) => {
    const next = new Set(chosen.value);
    if (!next.delete(capability)) next.add(capability);
    chosen.value = next;
  };
  return (
    <form
      class="grant"
      data-testid="grant"
      onSubmit={(event) => {
        event.preventDefault();
        property.approve({ userCode, role: role.value, name: name.value, capabilities: [...chosen.value] });
      }}
    >
      <p class="found-code">
        <span class="user-code">{userCode.toUpperCase()}</span>
        <span class="muted">Is this the code on the device’s screen? It asked from {device.address}.</span>
      </p>
      <div class="pair">
        <label class="field">
          <span>Name</span>
          <input
            class="input"
            required
            maxLength={128}
            value={name.value}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>Role</span>
          <select
            class="input"
            value={role.value}
            onChange={({ currentTarget }) => {
              role.value = currentTarget.value as Approval['role'];
            }}
          >
            {Object.entries(roleNames).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <fieldset class="field">
        <legend>For</legend>
        <div class="chips">
          {offered.map((capability) => (
            <label key={capability} class="chip">
              <input type="checkbox" checked={chosen.value.has(capability)} onChange={() => toggle(capability)} />
              {capabilityName(capability)}
            </label>
          ))}
        </div>
      </fieldset>
      {chosen.value.has('manage-devices') && (
        <p class="muted">A manager lets devices in, puts them out, and prints the tables’ codes.</p>
      )}
      <div class="buttons">
        <button type="submit" class="button primary">
          Let it in
        </button>
        <button type="button" class="button" onClick={() => property.turnDown(device)}>
          Turn down
        </button>
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            property.found.value = null;
          }}
        >
          Cancel
        </button>
      </div>
    </form>
  );
}
