import { BoxPanel } from './box_panel.js';
import { ClassPanel } from './class_panel.js';
import { ClassSetPanel } from './class_set_panel.js';
import { Clock } from './clock.js';
import { byId, element } from './element.js';
import { counted } from './figures.js';
import { Grid } from './grid.js';
import { Header } from './header.js';
import { showHelp } from './help.js';
import { Pictures } from './pictures.js';
import { Program, Refused } from './program.js';
import { Queue } from './queue.js';
import { reviewerName } from './reviewer.js';
import { Search } from './search.js';
import { Stage } from './stage.js';

const kPanels = { classify: ClassPanel, multilabel: ClassSetPanel, detect: BoxPanel };
const kLookAgain_ms = 5000;
const kToast_ms = 5000;
const kRenewed_ms = 4 * 60 * 1000;

// One session of one reviewer: what is on the page, and where an answer leads.
class Review {
  #mode = 'single';
  #item = null;       // on the stage; null in the grid and at the end
  #shared = 0;        // seconds that the page of the grid took an image
  #corrections = [];  // images marked in the grid: {item, seconds}
  #marked = false;    // that image was marked in the grid
  #page = null;       // what was accepted by the page just now: {category, items: numbers}
  #seen = false;      // its picture is there: nothing is answered before
  #busy = false;      // an answer is on its way: keys would answer an image nobody has seen
  #again = null;

  constructor(program, session, reviewer) {
    this.program = program;
    this.session = session;
    this.reviewer = reviewer;
    this.clock = new Clock();
    this.pictures = new Pictures();
    this.queue = new Queue(program, this.pictures, reviewer);
    this.header = new Header(program, session, reviewer);
    this.search = new Search(session.categories);
    this.stage = new Stage(byId('stage'));
    this.stage.onZoom = (scale) => { byId('zoom').textContent = `${Math.round(100 * scale)} %`; };
    const work = {
      answer: (labels) => this.#answer('labels', labels),
      search: (typed, choose) => this.search.ask(typed, choose),
      say: (text) => this.say(text),
    };
    this.panel = new kPanels[session.task](byId('panel'), session, work, this.stage);
    this.grid = new Grid(byId('grid'), session, {
      items: (...asked) => this.#gridItems(...asked),
      give: (...given) => this.#giveGrid(...given),
      turn: (category) => this.#whileIdle(() => this.#showGrid(category)),
      look: (item) => this.#look(item),
      say: (text) => this.say(text),
    });
    this.#listen();
  }

  async start() {
    if (this.session.grid) byId('modes').hidden = false;
    await this.#advance();
  }

  say(text) {
    const toast = byId('toast');
    toast.textContent = text;
    toast.classList.add('shown');
    clearTimeout(this.fading);
    this.fading = setTimeout(() => toast.classList.remove('shown'), kToast_ms);
  }

  #listen() {
    document.addEventListener('keydown', (event) => this.#key(event));
    // The focus stays on the picture, so that Enter never presses a button again.
    document.addEventListener('mousedown', (event) => {
      if (event.target.closest('main button, header button')) event.preventDefault();
    });
    byId('mode-single').addEventListener('click', () => this.#whileIdle(() => this.#turn('single')));
    byId('mode-grid').addEventListener('click', () => this.#whileIdle(() => this.#turn('grid')));
    byId('undo').addEventListener('click', () => (this.panel.takeBack?.() ? null : this.#undo()));
    byId('skip').addEventListener('click', () => this.#skip());
    byId('help-button').addEventListener('click', () => this.#help());
    byId('look-dialog').addEventListener('click', () => byId('look-dialog').close());
    setInterval(() => { if (this.clock.awake(kRenewed_ms)) this.queue.renew(); }, kRenewed_ms);
    this.stage.onDouble = () => { if (this.session.task !== 'detect') this.stage.fit(); };
  }

  #key(event) {
    if (document.querySelector('dialog[open]')) {
      if (byId('look-dialog').open && event.key === ' ') {
        event.preventDefault();
        byId('look-dialog').close();
      }
      return;
    }
    const undoes = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey);
    const moves = event.key.startsWith('Arrow') && event.ctrlKey;
    if ((event.ctrlKey || event.metaKey || event.altKey) && !undoes && !moves) return;
    const pressed = event.target.closest?.('button:not(.tile)');
    if (pressed && (event.key === 'Enter' || event.key === ' ' || event.key === 'Tab')) return;
    const again = event.repeat && !event.key.startsWith('Arrow') && !'+-='.includes(event.key);
    const key = undoes ? 'z' : event.getModifierState('CapsLock') ? event.key.toLowerCase() : event.key;
    const pressedKey = { key: key.length > 1 ? event.key : key, shiftKey: event.shiftKey, ctrlKey: moves };
    if (again || this.#busy ? !['Tab', 'F5'].includes(event.key) : this.#handle(pressedKey)) event.preventDefault();
  }

  #handle(event) {
    const inGrid = !byId('grid').hidden;
    const command = new Map([
      ['z', () => this.#undo()], ['s', () => this.#skip()], ['g', () => this.#turnAround()], ['?', () => this.#help()],
    ]).get(event.key);
    if (inGrid) {
      if (this.grid.key(event)) return true;
    } else if (this.#item) {
      if (this.panel.key(event) || this.stage.key(event)) return true;
      const types = event.key.length === 1 && /[\p{L}]/u.test(event.key) && !this.panel.commands.includes(event.key);
      if (event.key === '/' || types) {
        this.panel.search(types ? event.key : '');
        return true;
      }
    }
    command?.();
    return command !== undefined;
  }

  // Only one thing at a time: what comes while an answer is on its way is dropped.
  async #whileIdle(action) {
    if (this.#busy) return false;
    this.#busy = true;
    document.body.setAttribute('aria-busy', 'true');
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say(error.message);
      if (!this.#item && byId('grid').hidden) this.#stop(error.message);
      return false;
    } finally {
      this.#busy = false;
      document.body.removeAttribute('aria-busy');
    }
  }

  #answer(action, labels = []) {
    const item = this.#item;
    if (!item) return false;
    if (!this.#seen && action !== 'skipped') {
      this.say('The picture is not here yet.');
      return false;
    }
    return this.#whileIdle(async () => {
      const seconds = this.clock.seconds() + this.#shared;
      await this.#send([{ item: item.item, action, labels, seconds }], [item]);
      this.#page = null;
      if (action === 'skipped') this.say('Skipped. z takes it back.');
      await this.#advance();
      return true;
    });
  }

  // When it returns the answers are on the disk, or were refused for a reason that is shown.
  async #send(answers, items) {
    const reply = await this.program.post('answers', { reviewer: this.reviewer, answers });
    const refused = new Map(reply.refused.map((one) => [one.item, one.why]));
    for (const item of items) this.queue.setAnswered(item.item, true);
    this.header.answered(reply);
    if (refused.size > 0) {
      const [[number, why]] = refused;
      const name = items.find((item) => item.item === number)?.image ?? `image ${number}`;
      this.say(refused.size === 1 ? `${name} was not taken: ${why}` : `${refused.size} answers were not taken. ${name}: ${why}`);
    }
  }

  #skip() {
    if (this.#item) this.#answer('skipped');
    else this.say('Only single images can be skipped: mark it, then skip it.');
  }

  #undo() {
    return this.#whileIdle(async () => {
      if (this.#page) return this.#undoPage();
      const reply = await this.program.post('undo', { reviewer: this.reviewer });
      this.header.answered(reply);
      if (!reply.item) return this.say('There is no answer of yours to take back.');
      this.queue.setAnswered(reply.item.item, false);
      if (this.#item && this.#item.item !== reply.item.item) {
        if (this.#mode === 'grid') this.#corrections.unshift({ item: this.#item, seconds: this.#shared, marked: this.#marked });
        else this.queue.putBack(this.#item);
      }
      this.#showItem(reply.item);
      this.say('Your last answer is taken back.');
    });
  }

  // The answers of a whole page of the grid, which then is there again.
  async #undoPage() {
    const { category, items } = this.#page;
    this.#page = null;
    let taken = 0;
    for (const open = new Set(items); open.size > 0; ++taken) {
      const reply = await this.program.post('undo', { reviewer: this.reviewer });
      this.header.answered(reply);
      if (!reply.item || !open.delete(reply.item.item)) break;  // another tab has answered meanwhile
      this.queue.setAnswered(reply.item.item, false);
    }
    this.#corrections = [];
    await this.#showGrid(category);
    this.say(`${counted(taken, 'answer')} taken back.`);
  }

  #turnAround() {
    if (!this.session.grid) return this.say('The grid is for classes of whole images.');
    this.#whileIdle(() => this.#turn(this.#mode === 'grid' ? 'single' : 'grid'));
  }

  async #turn(mode) {
    if (this.#mode === mode) return;
    this.#mode = mode;
    this.#page = null;
    for (const one of this.#corrections.splice(0).reverse()) this.queue.putBack(one.item);
    if (this.#item) this.queue.putBack(this.#item);
    byId('mode-single').setAttribute('aria-pressed', String(mode === 'single'));
    byId('mode-grid').setAttribute('aria-pressed', String(mode === 'grid'));
    await this.#advance();
  }

  // What comes next: images marked in the grid, then the next page or the next image.
  async #advance() {
    clearTimeout(this.#again);
    this.#item = null;
    const correction = this.#corrections.shift();
    if (correction) return this.#showItem(correction.item, correction);
    if (this.#mode === 'grid') return this.#showGrid();
    const item = await this.queue.next();
    if (item) this.#showItem(item);
    else this.#showEnd();
  }

  #only(id) {
    for (const main of document.querySelectorAll('main')) main.hidden = main.id !== id;
  }

  #showItem(item, correction = null) {
    this.#only('single');
    this.#item = item;
    this.#marked = correction?.marked ?? false;
    this.#shared = correction?.seconds ?? 0;
    const picture = this.pictures.of(item);
    // Folders are often named after classes, which a blind answer must not know.
    const name = item.blind ? item.image.split('/').pop() : item.image;
    this.stage.show(item, picture, name);
    this.panel.show(item, { marked: this.#marked, more: this.#corrections.length });
    byId('image-name').textContent = name;
    byId('image-size').textContent = item.width ? `${item.width} x ${item.height}` : '';
    this.stage.root.focus({ preventScroll: true });
    this.#seen = false;
    delete document.body.dataset.item;
    this.clock.restart();
    picture.decode().then(() => this.#see(item), () => this.#cannotShow(item));
  }

  #see(item) {
    if (this.#item !== item) return;
    this.#seen = true;
    this.clock.restart();
    document.body.dataset.item = item.item;
  }

  async #cannotShow(item) {
    if (this.#item !== item) return;
    this.pictures.forget(item);
    const why = await this.program.why(`image/${item.item}`);
    if (this.#item !== item) return;
    this.stage.clear(element('p', { class: 'broken' }, `This image cannot be shown. ${why} `, element('kbd', {}, 's'), ' skips it.'));
  }

  async #showGrid(category) {
    this.#item = null;
    delete document.body.dataset.item;
    this.#only('grid');
    if (await this.grid.next(category)) this.clock.restart();
    else {
      this.say('No class has drafts left to accept by the page.');
      await this.#turn('single');
    }
  }

  #gridItems(category, number, held = []) {
    const except = [...this.#corrections.map((one) => one.item), ...held].map((item) => item.item);
    return this.program.post('items', { reviewer: this.reviewer, count: number, mode: 'grid', category, except });
  }

  #giveGrid(accepted, marked, category) {
    this.#whileIdle(async () => {
      const seconds = Math.round((100 * this.clock.seconds()) / (accepted.length + marked.length)) / 100;
      const answers = accepted.map((item) => ({
        item: item.item, action: 'labels', seconds,
        labels: item.drafts.map(({ id, category, bbox }) => (bbox ? { id, category, bbox } : { id, category })),
      }));
      if (answers.length > 0) {
        this.say(`${counted(accepted.length, 'draft')} accepted. z takes them back.`);
        await this.#send(answers, accepted);
        this.#page = { category, items: accepted.map((item) => item.item) };
      }
      this.#corrections.push(...marked.map((item) => ({ item, seconds, marked: true })));
      await this.#advance();
    });
  }

  #look(item) {
    const dialog = byId('look-dialog');
    const picture = this.pictures.of(item);
    picture.alt = item.image;
    dialog.replaceChildren(picture);
    dialog.showModal();
  }

  #showEnd() {
    this.#only('notice');
    delete document.body.dataset.item;
    this.panel.hide?.();
    const left = this.queue.left;
    const notice = byId('notice');
    if (left > 0) {
      notice.replaceChildren(element('h2', {}, `${counted(left, 'image')} left, with other reviewers`),
        element('p', {}, 'They come here when they are given back. This page looks again by itself.'));
      this.#again = setTimeout(() => this.#whileIdle(() => this.#advance()), kLookAgain_ms);
    } else {
      const open = this.header.open;
      notice.replaceChildren(element('h2', {}, open > 0 ? 'You have been through all images' : 'All images are done'),
        ...(open > 0 ? [element('p', {}, `${counted(open, 'image')} that you skipped can be answered by another reviewer.`)] : []),
        element('p', {}, 'Every answer is on the disk. You can close this page and stop the program with Ctrl+C.'),
        element('p', {}, 'z takes your last answer back.'));
    }
  }

  #stop(why) {
    this.#only('notice');
    byId('notice').replaceChildren(element('h2', {}, 'This cannot go on'), element('p', {}, why),
      element('p', {}, 'Every answer that was taken is on the disk.'));
  }

  #help() {
    showHelp(this.panel.help, this.session);
  }
}

async function start() {
  const program = new Program();
  try {
    const session = await program.get('session');
    document.title = `${session.folder} - preannotate`;
    byId('folder').textContent = session.folder;
    const reviewer = await reviewerName(session);
    await new Review(program, session, reviewer).start();
  } catch (error) {
    const why = error instanceof Refused ? error.message : `The page has failed: ${error.message}`;
    byId('notice').hidden = false;
    byId('notice').replaceChildren(element('h2', {}, 'This cannot go on'), element('p', {}, why));
    if (!(error instanceof Refused)) throw error;
  }
}

start();
