import { selectsAny, type CleanUpRequest } from "../../../documents/clean-up-request";
import type { ArchiveRecord } from "../../../images/archive-records";
import type { CleanUpReport, RepositoryReport } from "../../../images/clean-up-report";
import type { RegistryImage } from "../../../images/registry";
import { mustStay, type ModelImage } from "../registries";
import type { Cleaner, Seen, View } from "./cleaner";
import {
  entriesOf,
  subjectsOf,
  type StoredImage,
  type StoredRepository,
  type Use,
  type World,
} from "./world";

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
/** How much clocks may differ. */
const SKEW = HOUR / 12;

/** A promise of docs/clean-up.md that was not kept. */
export interface Violation {
  promise: string;
  cleaner: string;
  image: string;
}

const keyOf = (repository: string, digest: string) => `${repository}@${digest}`;

/**
 * Watches a simulated registry for what docs/clean-up.md promises. It knows the truth, of which a cleaner sees a part, and
 * shares no code with it.
 */
export class Oracle {
  readonly violations: Violation[] = [];
  /** When a function first saw an image without a tag and without an image that it belongs to. */
  readonly firstSeen = new Map<string, number>();
  deleted = 0;
  archived = 0;
  /** How often a change between the last look at an image and the request for it broke a promise, which nothing can prevent. */
  readonly unavoidable = new Map<string, number>();

  /** The repositories of stored reports by name, of which there may be thousands. */
  private readonly plans = new WeakMap<CleanUpReport, ReadonlyMap<string, RepositoryReport>>();

  constructor(
    private readonly world: World,
    private readonly cleaners: () => readonly Cleaner[],
  ) {}

  report(promise: string, cleaner: Pick<Cleaner, "id" | "kind">, image = ""): void {
    this.violations.push({ promise, cleaner: `${cleaner.id} (${cleaner.kind})`, image });
  }

  /** The images that belong to one: entries of a list, signatures. */
  private belonging({ images }: StoredRepository, image: StoredImage): StoredImage[] {
    const entries = entriesOf(image).flatMap((digest) => images.get(digest) ?? []);
    return [...entries, ...[...images.values()].filter((one) => this.subjects(one).includes(image.digest))];
  }

  /** The images that one belongs to. */
  private owners({ images }: StoredRepository, image: StoredImage): StoredImage[] {
    const lists = [...images.values()].filter((one) => entriesOf(one).includes(image.digest));
    return [...lists, ...this.subjects(image).flatMap((digest) => images.get(digest) ?? [])];
  }

  private subjects(image: StoredImage): string[] {
    return subjectsOf(image).filter(
      (digest) => digest !== image.digest && !entriesOf(image).includes(digest),
    );
  }

  private isUsed(repository: string, { digest, tags }: StoredImage, before = Infinity): boolean {
    const names = (use: Use) =>
      use.repository === repository &&
      (use.digest === digest || (use.tag !== undefined && tags.has(use.tag)));
    return this.world.uses.some((use) => use.since < before && names(use));
  }

  /** Whether another repository of the stack has an image that a signature belongs to. */
  private isElsewhere(repository: StoredRepository, image: StoredImage): boolean {
    return this.subjects(image)
      .filter((digest) => !repository.images.has(digest))
      .some((digest) =>
        [...this.world.repositories.values()].some((other) => other.ours && other.images.has(digest)),
      );
  }

  /**
   * The digests that the rules select now, and that nothing keeps.
   * @param since when an image was first seen untagged. Default as the functions that ran saw it
   * @param archiving those that may be archived, instead of those that may be deleted
   */
  selectedNow(
    repository: StoredRepository,
    { kind, request }: Pick<Cleaner, "kind" | "request">,
    since = (digest: string) => this.firstSeen.get(keyOf(repository.name, digest)),
    archiving = false,
  ): string[] {
    const images = [...repository.images.values()];
    const index = new Map(images.map(({ digest }, i) => [digest, i]));
    const recorded = this.records().map(({ images: all }) => all);
    const model = images.map((image): ModelImage => {
      const isUnread =
        image.status !== undefined &&
        (image.mediaType === undefined || image.manifest.manifests !== undefined) &&
        !(
          request.archive && recorded.some((images) => images[repository.name]?.[image.digest] !== undefined)
        );
      return {
        image: {
          digest: image.digest,
          tags: [...image.tags],
          pushedAt: new Date(image.pushedAt),
          ...(image.pulledAt === undefined ? {} : { pulledAt: new Date(image.pulledAt) }),
          ...(image.status === undefined ? {} : { status: image.status }),
        } as RegistryImage,
        unread: isUnread,
        children: isUnread ? [] : entriesOf(image).flatMap((digest) => index.get(digest) ?? []),
        subjects: this.subjects(image).map((digest) => index.get(digest) ?? -1),
        used: this.isUsed(repository.name, image),
        ...(kind === "function" ? { untaggedSince: new Date(since(image.digest) ?? this.world.now) } : {}),
        elsewhere: this.isElsewhere(repository, image),
        ...this.withArchive(repository, image, request, archiving),
      };
    });
    const rules = request.exceptions[repository.name] ?? request.rules;
    if (archiving && !request.archive) {
      return [];
    }
    const stay = mustStay(model, rules, new Date(this.world.now));
    return images.flatMap(({ digest, status }, i) =>
      stay.has(i) || (archiving && status !== undefined) ? [] : [digest],
    );
  }

  /** What the model does not know of the archive: clean-up deletes what it archived 90 days ago, and leaves what was restored. */
  private withArchive(
    repository: StoredRepository,
    image: StoredImage,
    request: CleanUpRequest,
    archiving: boolean,
  ): Pick<ModelImage, "stays" | "goes" | "due" | "rests"> {
    const isOld = (time = Infinity) => this.world.now - time >= 90 * DAY;
    const isOurs = this.isOurs(repository, image);
    const isTagged = image.tags.size > 0 && this.subjects(image).length === 0;
    const isRestored =
      image.status === undefined && image.restoredAt !== undefined && !isOld(image.restoredAt);
    if (!request.archive) {
      return { stays: isRestored };
    }
    return {
      stays: isRestored || (!archiving && isTagged && image.status === undefined),
      // What belongs to an archived image is archived, too.
      goes: isOurs && (archiving || (!isTagged && isOld(image.archivedAt))) && selectsAny(request.rules),
      due: isOurs && (archiving || isOld(image.archivedAt)),
      rests: isOurs && archiving,
    };
  }

  private select(cleaner: Cleaner, repository: StoredRepository, view: View): void {
    this.selectedNow(repository, cleaner).forEach((digest) => view.allowed.add(digest));
    this.selectedNow(repository, cleaner, undefined, true).forEach((digest) => view.archivable.add(digest));
  }

  /** Something happened in a repository, so that other images may be selected. */
  changed(repository: StoredRepository): void {
    for (const cleaner of this.cleaners()) {
      const view = cleaner.views.get(repository.name);
      if (view !== undefined && !cleaner.dead) {
        view.changes += 1;
        // What changes while it is listed is on one of its pages, or on none. Of two changes, a run may see the second only.
        view.isTorn ||= !view.isComplete || view.changes > 1;
        this.select(cleaner, repository, view);
      }
    }
  }

  listed(
    cleaner: Cleaner,
    repository: StoredRepository,
    images: readonly StoredImage[],
    { isFirst, isLast }: { isFirst: boolean; isLast: boolean },
  ): void {
    if (cleaner.stored !== undefined) {
      this.checked(
        cleaner,
        repository,
        images.map(({ digest }) => digest),
      );
      return;
    }
    const view: View = (isFirst ? undefined : cleaner.views.get(repository.name)) ?? {
      seen: new Map(),
      allowed: new Set(),
      archivable: new Set(),
      isComplete: false,
      isTorn: false,
      changes: 0,
      changed: new Map(),
      used: new Set(),
    };
    cleaner.views.set(repository.name, view);
    cleaner.readUntil = this.world.now;
    for (const { digest, tags, pushedAt, usedAt, status } of images) {
      view.seen.set(digest, {
        tags: [...tags],
        pushedAt,
        ...(usedAt === undefined ? {} : { usedAt }),
        ...(status === undefined ? {} : { status }),
      });
    }
    view.isComplete = isLast;
    if (cleaner.kind === "function" && isLast) {
      this.remember(cleaner, repository);
    }
    this.select(cleaner, repository, view);
  }

  /** A function notes since when an image is untagged. */
  private remember(cleaner: Cleaner, repository: StoredRepository): void {
    const isAlone = this.cleaners().filter(({ kind, dead }) => kind === "function" && !dead).length === 1;
    for (const one of repository.images.values()) {
      // As its page had it, which was listed before the last one.
      const tags = new Set(cleaner.views.get(repository.name)?.seen.get(one.digest)?.tags ?? one.tags);
      const image = { ...one, tags };
      const key = keyOf(repository.name, image.digest);
      const isLoose =
        (image.tags.size === 0 || this.subjects(image).length > 0) &&
        this.owners(repository, image).every(({ status }) => status !== undefined);
      cleaner.attached.delete(key);
      if (isLoose && !this.firstSeen.has(key)) {
        this.firstSeen.set(key, cleaner.startedAt);
      } else if (!isLoose && isAlone) {
        const isUntagged = image.tags.size === 0 || this.subjects(image).length > 0;
        const owners = this.owners(repository, image).map(({ digest }) => digest);
        cleaner.attached.set(key, isUntagged ? owners : []);
      }
    }
  }

  /** A function stored since when images are untagged. One that is killed before does not forget what it saw tagged. */
  remembered({ attached, unreadable }: Cleaner): void {
    for (const [key, owners] of attached) {
      const [repository = ""] = key.split("@");
      // A list that was deleted before its manifest could be read says nothing about its entries.
      const isKnown = owners.length === 0 || owners.some((digest) => this.world.image(repository, digest));
      if (isKnown && !unreadable.has(repository)) {
        this.firstSeen.delete(key);
      }
    }
  }

  private hasChanged(then: Seen | undefined, now: StoredImage): boolean {
    return (
      then === undefined ||
      [...now.tags].some((tag) => !then.tags.includes(tag)) ||
      (now.tags.size === 0 && then.tags.length > 0) ||
      now.pushedAt > then.pushedAt ||
      now.status !== then.status ||
      // Of an image whose type ECR does not return, clean-up reads the manifest, which counts as a pull.
      (now.mediaType !== undefined && (now.usedAt ?? 0) > (then.usedAt ?? 0))
    );
  }

  checked(cleaner: Cleaner, repository: StoredRepository, digests: readonly string[]): void {
    const view = cleaner.views.get(repository.name);
    const changed = new Set(
      [...repository.images.values()]
        .filter((image) => this.hasChanged(view?.seen.get(image.digest), image))
        .map(({ digest }) => digest),
    );
    for (const digest of digests) {
      const image = repository.images.get(digest);
      view?.changed.set(digest, changed);
      view?.used.delete(digest);
      if (image !== undefined && this.usedWithin(cleaner, repository, image).length > 0) {
        view?.used.add(digest);
      }
    }
  }

  /** What was in use of an image and what belongs to it, before a cleaner read for the last time what is. */
  private usedWithin(
    { readUntil }: Cleaner,
    repository: StoredRepository,
    image: StoredImage,
  ): StoredImage[] {
    return this.closure(repository, image).filter((one) => this.isUsed(repository.name, one, readUntil));
  }

  /** Whether an image was listed, and not as one that belongs to no other although it does now. */
  private wasListed(view: View | undefined, image: StoredImage): boolean {
    const then = view?.seen.get(image.digest);
    const belongs = (tags: Iterable<string>) => this.subjects({ ...image, tags: new Set(tags) }).length > 0;
    return then !== undefined && (!belongs(image.tags) || belongs(then.tags));
  }

  /** Reports each promise that archiving or deleting an image breaks. */
  changing(
    action: "archive" | "delete",
    cleaner: Cleaner,
    repository: StoredRepository,
    image: StoredImage,
  ): void {
    const key = keyOf(repository.name, image.digest);
    const broken = (promise: string, isBroken: boolean, isTooLate = false) => {
      if (isBroken && isTooLate) {
        this.unavoidable.set(promise, (this.unavoidable.get(promise) ?? 0) + 1);
      } else if (isBroken) {
        this.report(promise, cleaner, key);
      }
    };
    const { request, deleted, archived } = cleaner;
    const view = cleaner.views.get(repository.name);
    const seen = view?.seen.get(image.digest);
    const changed = view?.changed.get(image.digest);
    const then = { ...image, tags: new Set(seen?.tags ?? image.tags) };
    const isArtifact = this.subjects(image).length > 0 && this.subjects(then).length > 0;
    const isOther = isArtifact || (image.tags.size === 0 && then.tags.size === 0);
    if (action === "delete") {
      this.deleted += 1;
      deleted.add(key);
      const isDue =
        request.archive &&
        this.isOurs(repository, image) &&
        this.world.now - (image.archivedAt ?? Infinity) >= 90 * DAY;
      broken(
        "what others archived, or clean-up less than 90 days ago, is kept",
        seen?.status !== undefined && !isDue,
      );
      broken(
        "tagged images are archived before they are deleted",
        request.archive && !isOther && seen?.status === undefined,
        // It had no tag of its own yet.
        this.hasChanged(seen, image) && changed?.has(image.digest) === false,
      );
      broken(
        "only what the rules select is deleted",
        view?.isTorn === false && !view.allowed.has(image.digest),
      );
      broken(
        "what clean-up archived can be restored with all that it needs",
        this.owners(repository, image).some(
          ({ status, archivedByCleanUp }) => status === "ARCHIVED" && archivedByCleanUp === true,
        ),
      );
    } else {
      this.archived += 1;
      archived.add(key);
      broken("nothing is archived unless the stack says so", !request.archive);
      broken(
        "only what the rules select is archived",
        view?.isTorn === false && !view.archivable.has(image.digest),
      );
      broken("no image is archived without a record", !this.isRecorded(cleaner, key));
    }
    broken("a dry run changes nothing", request.dryRun);
    broken("only repositories with the tags of the stack are touched", !repository.ours);
    broken("nothing is changed if something could not be read that says what is in use", cleaner.blind);
    broken("nothing is changed while a service is in use that is not read", this.world.hasUnread);
    broken(
      "nothing is changed in a repository that could not be read",
      cleaner.unreadable.has(repository.name),
    );
    broken("no change is without a stored plan", !this.isPlanned(cleaner, repository, image));
    broken("a run changes at most maxDeletions images", deleted.size + archived.size > request.maxDeletions);
    broken("an image is looked at again before it is changed", changed === undefined);
    broken(
      "an image that was tagged, pushed, pulled, archived or restored after it was selected is kept",
      !isArtifact && image.manifest.manifests === undefined && changed?.has(image.digest) === true,
    );
    broken(
      "a list is kept if one of its entries was pulled or pushed after it was selected",
      this.entriesBelow(repository, image).some(
        (entry) =>
          this.isPlanned(cleaner, repository, entry) &&
          this.wasPulled(view, entry.digest, changed, repository),
      ),
    );
    const used = this.usedWithin(cleaner, repository, image);
    broken(
      "an image in use is kept, with all that belongs to it and its lists",
      used.length > 0,
      // A tag that is in use was moved to it; what is in use was attached to it after it was listed.
      view?.used.has(image.digest) === false || !used.some((one) => this.wasListed(view, one)),
    );
    broken(
      "an entry or a signature goes after all that it belongs to",
      isOther &&
        this.owners(repository, image).some(
          // What belongs to an archived image is archived, too.
          ({ digest, status }) =>
            view?.seen.has(digest) === true &&
            !(action === "archive" && (status ?? view.seen.get(digest)?.status) !== undefined),
        ),
    );
    broken(
      "a signature is kept while another repository has one of its images",
      isArtifact &&
        this.subjects(image).some(
          (digest) => view?.seen.has(digest) !== true && this.isIn(cleaner, repository, digest),
        ),
    );
  }

  /** Reports what clean-up archived that no record has with the entries that are restored with it: nobody can read them. */
  checkArchived(cleaner: Cleaner): void {
    const records = this.records();
    for (const { name, images } of this.world.repositories.values()) {
      for (const image of images.values()) {
        const children = records.flatMap((one) => one.images[name]?.[image.digest]?.children ?? []);
        const isKnown = records.some((one) => one.images[name]?.[image.digest] !== undefined);
        const needs = entriesOf(image);
        if (
          image.status === "ARCHIVED" &&
          image.archivedByCleanUp === true &&
          !(isKnown && needs.every((digest) => children.includes(digest)))
        ) {
          this.report(
            "a record has what is restored with an archived image",
            cleaner,
            keyOf(name, image.digest),
          );
        }
      }
    }
  }

  /** The records of archived images. */
  private records(): ArchiveRecord[] {
    return [...this.world.objects].flatMap(([name, { text }]) =>
      name.includes("/archived/") ? [JSON.parse(text) as ArchiveRecord] : [],
    );
  }

  /** Whether a record has an archived image, and was of that time; a record without an end counts for an hour. */
  private isOurs({ name }: StoredRepository, { digest, status, archivedAt = 0 }: StoredImage): boolean {
    return (
      status === "ARCHIVED" &&
      this.records().some(({ from, until, images }) => {
        const [start, end] = [Date.parse(from), until === undefined ? Infinity : Date.parse(until)];
        const isThen = start - SKEW <= archivedAt && archivedAt <= Math.min(end, start + HOUR) + SKEW;
        return images[name]?.[digest] !== undefined && isThen;
      })
    );
  }

  private isRecorded({ id }: Cleaner, key: string): boolean {
    const [repository = "", digest = ""] = key.split("@");
    return this.records().some(
      ({ run, images }) => run.endsWith(`-${id}`) && images[repository]?.[digest] !== undefined,
    );
  }

  /** Whether another repository has an image, and had it when a cleaner listed it. */
  private isIn(cleaner: Cleaner, repository: StoredRepository, digest: string): boolean {
    return [...this.world.repositories.values()].some(
      (other) =>
        other.ours &&
        other !== repository &&
        other.images.has(digest) &&
        cleaner.views.get(other.name)?.seen.has(digest) !== false,
    );
  }

  private wasPulled(
    view: View | undefined,
    digest: string,
    changed: ReadonlySet<string> | undefined,
    { images }: StoredRepository,
  ): boolean {
    const [then, now] = [view?.seen.get(digest), images.get(digest)];
    return (
      then !== undefined &&
      now !== undefined &&
      changed?.has(digest) === true &&
      // Clean-up reads manifests of lists and artifacts itself, which counts as a pull.
      now.mediaType !== undefined &&
      now.manifest.manifests === undefined &&
      now.manifest.subject === undefined &&
      ((now.usedAt ?? 0) > (then.usedAt ?? 0) || now.pushedAt > then.pushedAt)
    );
  }

  private entriesBelow(repository: StoredRepository, image: StoredImage): StoredImage[] {
    return entriesOf(image).flatMap((digest) => {
      const entry = repository.images.get(digest);
      return entry === undefined ? [] : [entry, ...this.entriesBelow(repository, entry)];
    });
  }

  /** An image with all that belongs to it, except the entries of archived lists, which nobody can read. */
  private closure(repository: StoredRepository, image: StoredImage): StoredImage[] {
    const found = [image];
    for (const one of found) {
      const below = this.belonging(repository, one).filter(
        ({ digest }) => one.status === undefined || !entriesOf(one).includes(digest),
      );
      found.push(...below.filter((other) => !found.includes(other)));
    }
    return found;
  }

  private isPlanned({ stored }: Cleaner, { name }: StoredRepository, { digest }: StoredImage): boolean {
    if (stored === undefined) {
      return false;
    }
    const plan = this.plans.get(stored) ?? new Map(stored.repositories.map((one) => [one.repository, one]));
    this.plans.set(stored, plan);
    return plan.get(name)?.selected.some((one) => one.digest === digest) === true;
  }
}
