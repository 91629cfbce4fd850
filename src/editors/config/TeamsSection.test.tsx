import { configure, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import type { DoraOptions } from '../../datasource';
import type { Resources } from './resources';
import { TeamsSection } from './TeamsSection';

// Whether an element is visible is no question here, and costly to ask of every element in jsdom.
configure({ defaultHidden: true });

const RESOURCES = { uid: 'dora', repositories: () => Promise.resolve([]) } as unknown as Resources;

function show(start: Partial<DoraOptions>, readOnly = false) {
  const states: Array<Partial<DoraOptions>> = [];
  function Host() {
    const [jsonData, setJsonData] = useState<Partial<DoraOptions>>(start);
    return (
      <TeamsSection
        jsonData={jsonData}
        onChange={(patch) => {
          states.push(patch);
          setJsonData({ ...jsonData, ...patch });
        }}
        readOnly={readOnly}
        resources={RESOURCES}
        connected={false}
      />
    );
  }
  render(<Host />);
  return { user: userEvent.setup({ delay: null }), states };
}

const TEAMS = [{ name: 'Payments', repositories: ['acme/payments-*'] }, { name: 'Search', repositories: ['acme/search'] }];

describe('teams as YAML in the settings', () => {
  it('says what an import will change, and changes nothing before it is taken', async () => {
    const { user, states } = show({ teams: TEAMS });
    await user.click(screen.getByRole('button', { name: 'Import YAML' }));
    const text = await screen.findByTestId('dora-yaml-import');
    expect(screen.getByRole('button', { name: 'Take over' })).toBeDisabled();
    fireEvent.change(text, { target: { value: 'teams:\n  - name: Payments\n    repositories: [acme/pay]\n  - name: Mobile' } });
    const outcome = screen.getByTestId('dora-yaml-outcome');
    expect(outcome).toHaveTextContent('ChangesPaymentsrepositories: ["acme/payments-*"] → ["acme/pay"]');
    expect(outcome).toHaveTextContent('NewMobile');
    expect(outcome).toHaveTextContent('GoesSearch');
    await user.click(screen.getByRole('radio', { name: 'Keep others' }));
    expect(outcome).not.toHaveTextContent('Search');
    expect(states).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Take over' }));
    expect(states).toEqual([{ teams: [{ name: 'Payments', repositories: ['acme/pay'] }, TEAMS[1], { name: 'Mobile' }] }]);
    expect(screen.queryByTestId('dora-yaml-import')).toBeNull();
  });

  it('names the field of what is wrong, and takes nothing', async () => {
    const { user, states } = show({ teams: TEAMS });
    await user.click(screen.getByRole('button', { name: 'Import YAML' }));
    const text = await screen.findByTestId('dora-yaml-import');
    fireEvent.change(text, { target: { value: '- name: A\n  incidentWindow: soon\n- name: ""' } });
    expect(screen.getByText('2 things are to be corrected first')).toBeInTheDocument();
    expect(screen.getByText('teams[0].incidentWindow: is not a duration such as 5m, 24h or 7d')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Take over' })).toBeDisabled();
    fireEvent.change(text, { target: { value: '- name: A\n  repos: []' } });
    expect(screen.getByText('teams[0].repos')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(states).toEqual([]);
  });

  it('exports what is stored, also where nobody may change it', async () => {
    const { user } = show({ teams: TEAMS }, true);
    expect(screen.queryByRole('button', { name: 'Import YAML' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Export YAML' }));
    expect(await screen.findByTestId('dora-yaml-export')).toHaveValue('teams:\n  - name: Payments\n    repositories:\n      - acme/payments-*\n  - name: Search\n    repositories:\n      - acme/search\n');
  });

  it('offers no export of what is not there', () => {
    show({});
    expect(screen.queryByRole('button', { name: 'Export YAML' })).toBeNull();
  });
});
