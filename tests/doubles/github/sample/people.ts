/** Who works at acme, where and in which team. */
export interface Person {
  login: string;
  name: string;
  zone: string;
  team: TeamName;
}
export type TeamName = 'Payments' | 'Checkout' | 'Search' | 'Platform' | 'Mobile' | 'Warehouse';

const row = (team: TeamName, login: string, name: string, zone: string): Person => ({ team, login, name, zone });

export const PEOPLE: readonly Person[] = [
  row('Payments', 'mlindqvist', 'Maja Lindqvist', 'Europe/Stockholm'),
  row('Payments', 'tokafor', 'Tobias Okafor', 'Europe/London'),
  row('Payments', 'rsharma', 'Riya Sharma', 'Asia/Kolkata'),
  row('Payments', 'jcastellano', 'Joana Castellano', 'Europe/Lisbon'),
  row('Payments', 'pnowak', 'Piotr Nowak', 'Europe/Warsaw'),
  row('Checkout', 'awhitfield', 'Amara Whitfield', 'America/New_York'),
  row('Checkout', 'dmoreau', 'David Moreau', 'Europe/Paris'),
  row('Checkout', 'kbrandt', 'Karla Brandt', 'Europe/Berlin'),
  row('Checkout', 'ssato', 'Shun Sato', 'Asia/Tokyo'),
  row('Search', 'lfernandez', 'Lucia Fernandez', 'Europe/Madrid'),
  row('Search', 'bthapa', 'Bikash Thapa', 'Asia/Kathmandu'),
  row('Search', 'hgrant', 'Helen Grant', 'America/Chicago'),
  row('Search', 'ovasquez', 'Omar Vasquez', 'America/Los_Angeles'),
  row('Platform', 'ejohansen', 'Erik Johansen', 'Europe/Oslo'),
  row('Platform', 'nadeyemi', 'Nneka Adeyemi', 'Africa/Lagos'),
  row('Platform', 'cwilson', 'Claire Wilson', 'Australia/Sydney'),
  row('Mobile', 'vrossi', 'Vera Rossi', 'Europe/Rome'),
  row('Mobile', 'mkim', 'Minjun Kim', 'Asia/Seoul'),
  row('Mobile', 'fsilva', 'Felipe Silva', 'America/Sao_Paulo'),
  row('Mobile', 'yhaddad', 'Yasmin Haddad', 'Europe/London'),
  row('Warehouse', 'kvirtanen', 'Kaisa Virtanen', 'Europe/Helsinki'),
  row('Warehouse', 'imarek', 'Ivan Marek', 'Europe/Prague'),
  row('Warehouse', 'tmbeki', 'Thandi Mbeki', 'Africa/Johannesburg'),
  row('Warehouse', 'rlopes', 'Rui Lopes', 'Europe/Lisbon'),
];

export const team = (name: TeamName): Person[] => PEOPLE.filter((person) => person.team === name);
