"""Records, trees and recordings as lines of text."""
