package usecase

// The places that secrets are sealed for. They are a part of what is stored.

// KeyPlace is that of the text of an API key.
func KeyPlace(keyID string) string { return "api key " + keyID }

// AccountPlace is that of the settings of an ad account.
func AccountPlace(accountID string) string { return "settings of ad account " + accountID }

// ProjectPlace is that of the secrets by which a project's constructors sign.
func ProjectPlace(projectID string) string { return "webhook secrets of project " + projectID }

// NoticePlace is that of the webhook that a project's notifications go to.
func NoticePlace(projectID string) string { return "webhook of project " + projectID }

// FactorPlace is that of a user's second factor.
func FactorPlace(userID string) string { return "second factor of user " + userID }

// What browsers carry back to us.
const (
	setUpPlace  = "second factor that is being set up"
	ticketPlace = "sign-in by a provider"
)
