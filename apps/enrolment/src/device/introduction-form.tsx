import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import { roleNames } from '../shared/words.ts';
import type { DeviceStanding, Introduction } from './standing.ts';

interface IntroductionFormProps {
  device: DeviceStanding;
  problem: string | null;
}

/** Which property, and what this device is. */
export function IntroductionForm({ device, problem }: IntroductionFormProps) {
  const { tenant, name, type, setupCode } = device.introduction.value;
  const say = (said: Partial<Introduction>) => {
    device.introduction.value = { ...device.introduction.value, ...said };
  };
  return (
    <form
      class="card sheet"
      onSubmit={(event) => {
        event.preventDefault();
        device.ask();
      }}
    >
      <h2>Join the hotel’s devices</h2>
      {problem && (
        <div class="notice error" role="alert">
          <Icon name="alert" />
          <div>{problem}</div>
        </div>
      )}
      <label class="field">
        <span>Property</span>
        <input
          class="input"
          required
          maxLength={128}
          autocapitalize="off"
          placeholder="demo-hotel"
          value={tenant}
          onInput={({ currentTarget }) => say({ tenant: currentTarget.value.trim() })}
        />
      </label>
      <label class="field">
        <span>Name of this device</span>
        <input
          class="input"
          required
          maxLength={128}
          placeholder="Front desk iPad"
          value={name}
          onInput={({ currentTarget }) => say({ name: currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>What it is</span>
        <select
          class="input"
          value={type}
          onChange={({ currentTarget }) => say({ type: currentTarget.value as never })}
        >
          {Object.entries(roleNames).map(([role, words]) => (
            <option key={role} value={role}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <details open={Boolean(setupCode)}>
        <summary>I have a setup code</summary>
        <label class="field">
          <span class="muted">From the server’s console. It makes this device the property’s first manager.</span>
          <input
            class="input code-input"
            aria-label="Setup code"
            maxLength={40}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            placeholder="BCDF-GHJK-LMNP-QRST"
            value={setupCode}
            onInput={({ currentTarget }) => say({ setupCode: currentTarget.value.trim() })}
          />
        </label>
      </details>
      <button type="submit" class="button primary wide">
        {setupCode ? 'Set up as manager' : 'Ask to join'}
      </button>
    </form>
  );
}
