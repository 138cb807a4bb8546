#pragma once

namespace preannotate {

/// How many wrong drafts a review let pass at most, with probability >= 1 - delta, when it marked
/// `caught` and let `planted_passed` of `planted` ones pass that were planted among them: the
/// largest count that Fisher's exact test does not exclude. It holds when a planted draft is as
/// hard to see as the model's own wrong ones. Without any planted it is `shown` less `caught`,
/// `shown` being all drafts of the review.
long most_passed(long caught, long planted_passed, long planted, long shown, double delta);

/// The planted drafts that let no more than `allowed` be excluded when a review is expected to
/// meet so many wrong drafts and lets no planted one pass.
long plants_needed(double wrong, long allowed, double delta);

}  // namespace preannotate
