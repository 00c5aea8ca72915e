/** Days that ECR charges at least for an image in the archive class, also if it is deleted or restored earlier. https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html */
export const ARCHIVE_DAYS = 90;
