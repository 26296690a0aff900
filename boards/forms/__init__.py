"""The forms of the set-up pages.

Each error is a complete sentence, because the error summary shows nothing else. No form limits what people can type or
paste. A form says that a text is too long and doesn't cut it.
"""
